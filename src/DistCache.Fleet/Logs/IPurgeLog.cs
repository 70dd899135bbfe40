using DistCache.Fleet.Members;

namespace DistCache.Fleet.Logs;

/// <summary>
/// The fleet's one ordered list of purges, and beside it the members' rows. Each call is one atomic step at the store's primary; a null answer
/// means that none came: what was asked may have happened, or may happen yet. Nothing throws but for cancellation.
/// </summary>
public interface IPurgeLog : IAsyncDisposable
{
    /// <summary>Nobody but this process reads and writes it: no lease, no members, complete as soon as it is applied.</summary>
    bool IsLocal { get; }

    /// <summary>How long a primary that has lost its place may go on taking writes; null: nobody knows, then no silent member is ever left out (rule 8).</summary>
    TimeSpan? TakeOverTime { get; }

    /// <summary>Takes the next position. A record whose id is in the log already keeps its place.</summary>
    /// <param name="after">Position behind which it is looked for: the head as it was known before the first attempt. The first attempt looks too, for it may be held up on its way and come last.</param>
    Task<LogEntry?> AppendAsync(PurgeRecord record, long after, CancellationToken cancel);

    /// <summary>Writes the node's row, and reads what lies behind its cursor (rule 3).</summary>
    Task<BeatAnswer?> BeatAsync(Beat beat, CancellationToken cancel);

    /// <summary>The members' rows alone.</summary>
    Task<MembersAnswer?> MembersAsync(CancellationToken cancel);

    /// <summary>Entries before that position, in order, the last <paramref name="most"/> of them; fewer where they are long, one at least if there is any.</summary>
    Task<IReadOnlyList<LogEntry>?> ReadBackAsync(long before, int most, CancellationToken cancel);

    /// <summary>Appends what the log has lost, with the ids and times that it had; only if <paramref name="tail"/> is its last place still (rule 9).</summary>
    /// <returns>False: it is not, or no answer came.</returns>
    Task<bool> PutBackAsync(Cursor tail, IReadOnlyList<LogEntry> lost, CancellationToken cancel);

    /// <summary>Forgets what lies below that position (rule 10).</summary>
    Task TrimAsync(long below, CancellationToken cancel);

    /// <summary>The rows of members that are known to be gone, as they were last read: who has beaten since is not.</summary>
    Task RemoveAsync(IReadOnlyList<MemberRow> members, CancellationToken cancel);

    /// <summary>
    /// Somebody who must know says that a member is gone. Its row says from then on that it has left, to all who remember it; if it comes back
    /// nevertheless it is told so (<see cref="BeatAnswer.WasForgotten"/>).
    /// </summary>
    /// <param name="member">Its row as it was last read.</param>
    /// <returns>False: it has beaten since. Null: no answer.</returns>
    Task<bool?> ForgetAsync(MemberRow member, CancellationToken cancel);

    /// <summary>New entries as they are appended, as far as the news arrives: a door-bell, never the truth (rule 2).</summary>
    event Action<LogEntry>? Bell;
}

/// <param name="After">What the node has applied; null: nothing yet, it takes the log from its lowest record on.</param>
/// <param name="Log">Id of the log that <paramref name="After"/> is in.</param>
/// <param name="Most">Entries in one answer; fewer come where they are long, one at least if there is any.</param>
public sealed record Beat(MemberRow Row, ulong Log, Cursor? After, int Most)
{
    /// <summary>The node has heard that it was forgotten: it need not be told again.</summary>
    public bool HasHeard { get; init; }
}

/// <param name="IsNew">This beat has made the log.</param>
/// <param name="Lowest">Position of the lowest record that is kept; 1 where none has been trimmed.</param>
/// <param name="IsOn">The cursor lies on this log. Otherwise there are no entries.</param>
public sealed record BeatAnswer(bool IsNew, Cursor Head, long Lowest, bool IsOn, IReadOnlyList<LogEntry> Entries, MembersAnswer Members)
{
    public ulong Log => Members.Log;

    /// <summary>The others were told that this run is gone. Said with each beat until it says that it has heard.</summary>
    public bool WasForgotten { get; init; }
}

/// <param name="Session">
/// Changes whenever it may be another store that answers, or the same after a restart: rows that were written last may be lost then, without
/// any record being so (rule 8).
/// </param>
/// <param name="IsSessionTold">The store itself names its session, alike to everybody, and never one that it had before. Otherwise each node counts its own connections.</param>
public sealed record MembersAnswer(ulong Log, long Session, IReadOnlyList<MemberRow> Rows, bool IsSessionTold);
