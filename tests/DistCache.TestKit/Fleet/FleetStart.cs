namespace DistCache.TestKit;

/// <summary>What a fleet is made of.</summary>
public sealed record FleetStart
{
    /// <summary>Names of the regions; the purge log stands in the first.</summary>
    public IReadOnlyList<string> Regions { get; init; } = ["ams"];

    public int EdgesPerRegion { get; init; } = 2;

    /// <summary>The region that all others ask instead of the origin; null: there is none.</summary>
    public string? Shield { get; init; }

    /// <summary>One way between two regions.</summary>
    public TimeSpan BetweenRegions { get; init; }

    /// <summary>How long a node may serve without having heard of the purge log.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>False: no node knows of another, so a purge reaches only the one that it is sent to. For proving that the checker sees it.</summary>
    public bool Together { get; init; } = true;

    /// <summary>False: no node has a shared tier.</summary>
    public bool Shared { get; init; } = true;

    /// <summary>The purge log's server writes an append-only file, fsynced at every write.</summary>
    public bool LogAppendOnly { get; init; } = true;

    /// <summary>Connection string of the n-th node's purge log, where that is not the fleet's own: no fault proxy stands on the way then.</summary>
    public Func<int, string>? LogOf { get; init; }

    /// <summary>The same of its shared tier.</summary>
    public Func<int, string>? SharedOf { get; init; }

    /// <summary>Pages of the origin.</summary>
    public int Keys { get; init; } = 64;

    /// <summary>Keep every request that the origin gets.</summary>
    public bool LogsOrigin { get; init; } = true;

    public string Memory { get; init; } = "64MiB";

    /// <summary>Added to the environment of every edge.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();
}
