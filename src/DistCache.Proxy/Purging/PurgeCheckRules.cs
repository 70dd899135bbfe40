namespace DistCache.Proxy.Purging;

/// <summary>Rules of the purge protocol that stand in this room, with switches that only tests turn: a checker that finds nothing while a rule is off proves nothing while it is on.</summary>
internal sealed record PurgeCheckRules
{
    public static readonly PurgeCheckRules All = new();

    /// <summary>Rule 6: without a lease everything held is suspect.</summary>
    public bool Fences { get; init; } = true;

    /// <summary>Rule 12: an answer is as of the start of its exchange. Off: of its end.</summary>
    public bool AsOfFromStart { get; init; } = true;
}
