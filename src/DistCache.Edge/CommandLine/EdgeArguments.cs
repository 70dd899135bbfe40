namespace DistCache.Edge.CommandLine;

/// <summary>What the command line says, as it was written; null or empty where it says nothing.</summary>
internal sealed record EdgeArguments
{
    public string? Origin { get; init; }
    public IReadOnlyList<string> Listen { get; init; } = [];
    public string? Admin { get; init; }
    public string? Preset { get; init; }
    public string? Memory { get; init; }
    public IReadOnlyList<string> Config { get; init; } = [];

    /// <summary>The start message in JSON.</summary>
    public bool Json { get; init; }
}
