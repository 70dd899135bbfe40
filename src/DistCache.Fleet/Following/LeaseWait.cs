using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;

namespace DistCache.Fleet.Following;

/// <summary>
/// When a node that has no lease may have one (rule 7). A store that failed over or was started again may have lost records that others have
/// applied and acknowledged. They put them back as they beat, and who holds a lease beats within it: so two ways are safe.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>The long way: a lease and a margin of beats; and where a primary may take writes after it has lost its place, that time before them, for so long who beats there holds a lease.</item>
/// <item>The short way: somebody has waited in this very session of the store already. What it has lost was put back then, and since then it
/// has lost nothing, or it would be another session; so the word of a node that has died since is as good (<see cref="MemberRow.Whole"/>).</item>
/// <item>Who takes the short way waits until each other member has beaten since its own first beat, and has said that it is where this log is: from
/// then on they know it, and wait for it even if the store should lose its row (rule 8).</item>
/// <item>Where a primary may take writes after it has lost its place, or nobody knows for how long, its word on its session is worth nothing (V15): there is only the long way.</item>
/// </list>
/// </remarks>
internal sealed class LeaseWait(PurgeChain chain, LeaseTerms terms, IPurgeLog log, TimeProvider time, ProtocolRules rules)
{
    private readonly Dictionary<string, long> _beats = new(StringComparer.Ordinal);
    private long? _firstBeat;
    private long _lastBeat;
    private long? _madeLogAt;
    private (ulong Log, long Session)? _whole;

    /// <summary>The session in which that log is known to have lost nothing that was not put back; null: none.</summary>
    public long? WholeIn(ulong log) => _whole is { } whole && whole.Log == log ? whole.Session : null;

    /// <summary>Somebody has waited in that session of the store.</summary>
    public void Whole(ulong log, long session) => _whole = (log, session);

    /// <summary>Another log: all begins anew.</summary>
    /// <param name="hasMadeIt">This node has: there is nothing that it could have lost, for as long as a lease would have run. Who was away for longer may have been left out of purges.</param>
    public void Restart(bool hasMadeIt) => (_firstBeat, _madeLogAt) = (null, hasMadeIt ? time.GetTimestamp() : null);

    /// <summary>After a beat that has brought all there is.</summary>
    public bool IsOver(long startedAt, MemberRow self, MembersAnswer members)
    {
        var others = members.Rows.Where(row => !row.HasLeft && row.Key != self.Key && row.Key != MemberRow.KeyOf(self.Node, self.Replaces)).ToArray();
        if (_firstBeat is not { } first || time.GetElapsedTime(_lastBeat, startedAt) > terms.Length)
        {
            _firstBeat = first = startedAt;
            _beats.Clear();
            foreach (var row in others)
                _beats[row.Key] = row.Beat;
        }
        _lastBeat = startedAt;
        // Where nobody knows the time nothing is sure but that a lease is over here (V15).
        var takeOver = rules.WaitsForTakeOver ? log.TakeOverTime ?? TimeSpan.Zero : TimeSpan.Zero;
        var isOver = !rules.WaitsForLease
            || (takeOver == TimeSpan.Zero && _madeLogAt is { } madeAt && time.GetElapsedTime(madeAt, startedAt) <= terms.Length)
            || time.GetElapsedTime(first, startedAt) >= terms.Length + terms.Margin + takeOver
            || (IsSaidToBeWhole(self, members) && (!rules.WaitsToBeKnown || IsKnownTo(others)));
        if (isOver)
            Restart(hasMadeIt: false);
        return isOver;
    }

    /// <summary>By a row that is there now: where the rows were lost nobody knows who else there is (F8), whatever this node itself remembers.</summary>
    private bool IsSaidToBeWhole(MemberRow self, MembersAnswer members)
    {
        if (!rules.NeedsWordOfSession)
            return true;
        if (log.TakeOverTime != TimeSpan.Zero || !members.IsSessionTold || !members.Rows.Any(row => row.Key != self.Key && row.Log == members.Log && row.Whole == members.Session))
            return false;
        Whole(members.Log, members.Session);
        return true;
    }

    /// <summary>A row that is gone, and not by its node's next run, says nothing of its node.</summary>
    private bool IsKnownTo(MemberRow[] others)
    {
        var heard = others.Where(row => (!_beats.TryGetValue(row.Key, out var beat) || row.Beat > beat) && row.Log == chain.Log && chain.LinkAt(row.Applied.Position) == row.Applied.Link)
            .SelectMany<MemberRow, string>(row => [row.Key, MemberRow.KeyOf(row.Node, row.Replaces)]).ToHashSet(StringComparer.Ordinal);
        return _beats.Keys.All(heard.Contains) && others.All(row => heard.Contains(row.Key));
    }
}
