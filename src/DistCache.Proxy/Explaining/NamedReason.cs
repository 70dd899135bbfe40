namespace DistCache.Proxy.Explaining;

/// <summary>One of the reasons that Cache-Status, log, metric and explain show, in words.</summary>
/// <param name="Rule">Where it is written.</param>
/// <param name="Remedy">What would make it a hit; or why nothing should.</param>
/// <param name="Setting">The configuration key to change, with <c>{policy}</c> and <c>{route}</c>; null: it is not ours to change.</param>
public sealed record NamedReason(string Name, string Because, string Rule, string Remedy, string? Setting = null);
