using DistCache.Storage.Shared;

namespace DistCache.Fleet.Tests.Simulation;

/// <summary>A stored response of one of the two keys: which version of the page it is.</summary>
internal sealed class Copy(int version, long asOf)
{
    public int Version { get; } = version;

    public long AsOf { get; set; } = asOf;
}

internal sealed record SharedCopy(int Version, Stamp Stamp);

/// <summary>A fetch that requests wait for.</summary>
internal sealed class SimulatedFill
{
    public required long AsOf { get; set; }

    public required long StartedAt { get; init; }

    public int Version { get; set; }

    public bool IsOver { get; set; }

    /// <summary>Hard floors of the requests that it answers, as they were when these came; and whether they came after its start.</summary>
    public List<(int Floor, bool Joined)> Readers { get; } = [];
}
