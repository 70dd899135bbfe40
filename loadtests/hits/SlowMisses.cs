namespace DistCache.LoadTests.Hits;

/// <summary>What misses wait for, that are asked for beside hits.</summary>
internal enum SlowMisses
{
    /// <summary>There are none.</summary>
    None,

    Origin,

    /// <summary>The region's tier 2, which says that it has nothing.</summary>
    SharedTier,
}
