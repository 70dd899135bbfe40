namespace DistCache.Fleet;

/// <summary>
/// The rules of the purge protocol that stand in this room, each with a switch that only tests turn: a simulation that finds nothing while a
/// rule is off proves nothing while it is on.
/// </summary>
internal sealed record ProtocolRules
{
    public static readonly ProtocolRules All = new();

    /// <summary>Rule 1: a cursor is compared by position and link. Off: by position.</summary>
    public bool CursorsHaveLinks { get; init; } = true;

    /// <summary>Rule 1: a link stands for the whole history. Off: it is the record's id.</summary>
    public bool LinksBindHistory { get; init; } = true;

    /// <summary>Rule 2: what the bell brings is the next record, or the log is read. Off: it is taken as it comes.</summary>
    public bool HolesAreRead { get; init; } = true;

    /// <summary>Rule 3: a member counts from its first beat. Off: once it holds a lease.</summary>
    public bool CountsFromFirstBeat { get; init; } = true;

    /// <summary>Rule 4: visible in the index, then reported. Off: reported first.</summary>
    public bool VisibleBeforeReported { get; init; } = true;

    /// <summary>Rule 4: a node keeps what it has applied on its own disk.</summary>
    public bool KeepsJournal { get; init; } = true;

    /// <summary>Rule 5: a lease runs from the start of the beat. Off: from its answer.</summary>
    public bool LeaseFromBeatStart { get; init; } = true;

    /// <summary>Rule 5: only a beat that was wholly applied renews it.</summary>
    public bool LeaseNeedsAllApplied { get; init; } = true;

    /// <summary>Rule 6: who serves on without a lease is left out of no purge.</summary>
    public bool WaitsForWhoServesOn { get; init; } = true;

    /// <summary>Rule 7: who comes, or comes back, waits for a lease.</summary>
    public bool WaitsForLease { get; init; } = true;

    /// <summary>Rule 7: for as long as a primary that was replaced may take writes, too.</summary>
    public bool WaitsForTakeOver { get; init; } = true;

    /// <summary>Rule 7: whom an operator has forgotten waits too, whatever it believes of its lease.</summary>
    public bool HearsThatItWasForgotten { get; init; } = true;

    /// <summary>Rule 7: the short way is open while it is known that this session of the store has lost nothing. Off: to everybody.</summary>
    public bool NeedsWordOfSession { get; init; } = true;

    /// <summary>Rule 7: who takes the short way waits until all others know it.</summary>
    public bool WaitsToBeKnown { get; init; } = true;

    /// <summary>
    /// Rule 8: what a member has applied is the record, not some position at least as high. While the store tells that another one answers, the
    /// watch that then begins anew covers it; it stands for the store that does not tell.
    /// </summary>
    public bool AppliedByHistory { get; init; } = true;

    /// <summary>Rule 8: a read that started before the append tells nothing of it. A coordinator that waits for its own report has read since; it stands for one that has left itself out.</summary>
    public bool NeedsReadAfterAppend { get; init; } = true;

    /// <summary>Rule 8: a member is left out after two reads that far apart. Off: when the coordinator's clock says so.</summary>
    public bool LeavesOutByTwoReads { get; init; } = true;

    /// <summary>Rule 8: a coordinator that has not watched long enough answers pending.</summary>
    public bool WatchesLongEnough { get; init; } = true;

    /// <summary>Rule 8: a member whose row the store has lost is still one.</summary>
    public bool RemembersMembers { get; init; } = true;

    /// <summary>Rule 8: a member whose row the store has lost may have beaten until then. Off: its silence goes on from the last beat that was seen.</summary>
    public bool MissingIsNotSilent { get; init; } = true;

    /// <summary>Rule 9: what the log has lost is put back.</summary>
    public bool PutsBack { get; init; } = true;

    /// <summary>Rules 9, 10: without a common record everything held is suspect.</summary>
    public bool SuspectsUnknown { get; init; } = true;

    /// <summary>Rule 10: nothing is trimmed that a live member has not applied. Off: it is, and that member suspects all that it holds.</summary>
    public bool KeepsForMembers { get; init; } = true;

    /// <summary>Rule 16: a stamp of another log says nothing here. The store's keys name the log too.</summary>
    public bool StampsNameLog { get; init; } = true;

    /// <summary>Rule 16: nothing is known of a stamp ahead of this node. Off: its position is believed.</summary>
    public bool AheadIsUnknown { get; init; } = true;

    /// <summary>Rule 23: one watch for all who wait. Off: one for each.</summary>
    public bool OneWatchForAll { get; init; } = true;

    /// <summary>Rule 21: the bell applies records, and says nothing of how newly the log is known.</summary>
    public bool BellsDoNotCount { get; init; } = true;

    /// <summary>Rule 21: who asks for a look at the log shares none that was under way.</summary>
    public bool SharesOnlyLaterLooks { get; init; } = true;

    /// <summary>Rule 16: a stamp is compared by position and link. Off: by position.</summary>
    public bool StampsHaveLinks { get; init; } = true;
}
