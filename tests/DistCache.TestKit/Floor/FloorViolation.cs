namespace DistCache.TestKit;

/// <summary>What a read shows that may not be.</summary>
public enum FloorBreach
{
    /// <summary>Older than a hard purge that was complete when the read began.</summary>
    BelowHardFloor,

    /// <summary>As fresh, and older than a soft purge that was complete when the read began.</summary>
    FreshBelowSoftFloor,

    /// <summary>A version that the origin had not had when the read ended: the history, or a body, is wrong.</summary>
    FromTheFuture,
}

/// <param name="Bound">The floor, or the newest version there was.</param>
public sealed record FloorViolation(FloorBreach Breach, FloorRead Read, long Bound)
{
    public override string ToString() => $"{Breach}: key {Read.Key} at edge {Read.Edge}: version {Read.Version}, bound {Bound}, read {Read.Invoked}..{Read.Completed}{(Read.IsFresh ? "" : " stale")}";
}
