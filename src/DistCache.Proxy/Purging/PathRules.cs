namespace DistCache.Proxy.Purging;

/// <summary>
/// The rules of the purge protocol that stand in the request path, each with a switch that only tests turn: nothing that is configured reaches
/// them. None is asked on the way of a plain hit.
/// </summary>
/// <remarks>
/// Without a switch: rule 17 and what rule 18 says of Vary and markers, which keep bodies and variants apart and not versions (their tests are those of the
/// shared tier); rule 24, which is the promise, and rule 25, which is this. Of rule 16 the order of writes stands in the store's scripts, and the refusal of file logs beside a shared tier at the start of the program.
/// </remarks>
internal sealed record PathRules
{
    public static readonly PathRules All = new();

    /// <summary>Rule 6: without a lease all that is held is suspect.</summary>
    public bool Fences { get; init; } = true;

    /// <summary>Rule 6: a fenced node's request uses only a fetch that began after it came.</summary>
    public bool FencedJoinsOnlyLater { get; init; } = true;

    /// <summary>Rule 11: what is suspect has no stale window. Off: it is as if it were purged softly.</summary>
    public bool SuspectIsNotStale { get; init; } = true;

    /// <summary>Rule 11: of what is purged hard nothing is left to be confirmed. Off: its validator is.</summary>
    public bool HardIsGone { get; init; } = true;

    /// <summary>Rule 12: as of the start of a fetch or a validation. Off: as of its end.</summary>
    public bool AsOfStart { get; init; } = true;

    /// <summary>Rule 12: promotion from the shared tier keeps the as-of.</summary>
    public bool PromotionKeepsAsOf { get; init; } = true;

    /// <summary>Rule 12: the answer to a HEAD raises no as-of.</summary>
    public bool HeadKeepsAsOf { get; init; } = true;

    /// <summary>Rule 12: after a purge only a strong validator confirms (V16).</summary>
    public bool OnlyStrongConfirm { get; init; } = true;

    /// <summary>Rule 13: what is noted as checked is the version read before the look-up. Off: the one after.</summary>
    public bool VersionBeforeLookUp { get; init; } = true;

    /// <summary>Rule 15: judged at the join.</summary>
    public bool JudgesAtJoin { get; init; } = true;

    /// <summary>Rule 15: judged at the head, for then the tags are known.</summary>
    public bool JudgesAtHead { get; init; } = true;

    /// <summary>Rule 15: judged at the end: what a purge has overtaken is not stored. By its as-of nobody could be served it: off, it is kept for nothing.</summary>
    public bool JudgesAtEnd { get; init; } = true;

    /// <summary>Rule 15: however many purges come, two fetches of a key are under way. Off: one more with each of them.</summary>
    public bool TwoFillsAtMost { get; init; } = true;

    /// <summary>Rule 19: nobody waits for a fetch that a purge has overtaken.</summary>
    public bool WaitsOnlyForWhatCounts { get; init; } = true;

    /// <summary>Rule 19: a fenced node waits for no other.</summary>
    public bool FencedWaitsForNobody { get; init; } = true;

    /// <summary>Rule 20: of the asker's as-of and the answer's the smaller. Off: the asker's.</summary>
    public bool SmallerAsOf { get; init; } = true;

    /// <summary>Rule 20: who is asked knows first what the asker knows.</summary>
    public bool CatchesUpForAsker { get; init; } = true;

    /// <summary>Rule 22: what a write makes invalid is appended once the origin has answered. Off: before it is asked.</summary>
    public bool AppendsAfterAnswer { get; init; } = true;

    /// <summary>Rule 22: here it counts before its answer goes out. Off: with the log.</summary>
    public bool LocalBeforeAnswer { get; init; } = true;

    /// <summary>Rule 22: writes share records. Off: one record each, as fast as they come.</summary>
    public bool WritesShareRecords { get; init; } = true;
}
