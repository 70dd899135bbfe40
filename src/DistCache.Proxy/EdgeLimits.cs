namespace DistCache.Proxy;

/// <param name="MaxObjectSize"><c>DistCache:Memory:MaxObjectSize</c>, bytes: larger bodies stream through and are not stored.</param>
public sealed record EdgeLimits(long MaxObjectSize);
