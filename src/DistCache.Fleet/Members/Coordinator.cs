using System.Collections.Frozen;
using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;

namespace DistCache.Fleet.Members;

/// <summary>
/// Says when a purge is complete (rule 8): as read after the append, every member has applied this very record, or has not beaten between two
/// reads so far apart that its lease must be over. Its view of the members is its own: one whose row the store has lost is still one.
/// Fed with what was read of the rows; it asks nobody. Any thread.
/// </summary>
internal sealed class Coordinator(PurgeChain chain, LeaseTerms terms, IPurgeLog log, TimeProvider time, ProtocolRules rules)
{
    /// <summary>Complete purges that are remembered as such.</summary>
    private const int Most = 10_000;

    /// <summary>A member that has missed so many beats is not live. Purges wait for it longer (<see cref="SilenceOf"/>): to send clients elsewhere too soon costs little.</summary>
    private const int MostMissedBeats = 5;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly HashSet<ulong> _complete = [];
    private readonly Queue<ulong> _completed = new();
    private IReadOnlyList<MemberRow> _left = [];
    private (ulong Log, long Session) _store;
    private bool _isSessionTold;
    private long? _watchStart;
    private long _lastReadStart;
    private long _lastReadEnd;
    private IReadOnlyDictionary<string, double>? _liveRegions;
    private FrozenDictionary<string, MemberRow[]> _live = FrozenDictionary<string, MemberRow[]>.Empty;

    /// <summary>
    /// The regions that had a live member at the last read, with the mean load of those; null: nothing was read yet. While the log cannot be read it
    /// stays as it was: that we hear of nobody says nothing of them.
    /// </summary>
    public IReadOnlyDictionary<string, double>? LiveRegions => Volatile.Read(ref _liveRegions);

    /// <summary>The session of the store that has been watched for so long that whoever held a lease when it began has beaten, or holds none any more; null: not yet.</summary>
    public long? WatchedIn(ulong log)
    {
        lock (_gate)
            return _isSessionTold && _store.Log == log && WatchLeft() == TimeSpan.Zero ? _store.Session : null;
    }

    /// <summary>The live members of a region, as <see cref="LiveRegions"/> has it.</summary>
    public IReadOnlyList<MemberRow> LiveIn(string region) => Volatile.Read(ref _live).GetValueOrDefault(region) ?? [];

    /// <summary>What the rows said, read between those two times. Reads need not come in order.</summary>
    public void Observe(MembersAnswer read, long startedAt, long endedAt) => Observe(read, startedAt, endedAt, isBeat: false);

    /// <param name="isBeat">The store has also taken a write with it.</param>
    public void Observe(MembersAnswer read, long startedAt, long endedAt, bool isBeat)
    {
        lock (_gate)
        {
            if (_watchStart is null || (read.Log, read.Session) != _store || time.GetElapsedTime(_lastReadEnd, startedAt) > terms.Length / 2)
                (_store, _isSessionTold, _watchStart) = ((read.Log, read.Session), read.IsSessionTold, startedAt);
            var rows = read.Rows.Where(row => !row.HasLeft && (rules.CountsFromFirstBeat || row.HoldsLease)).ToList();
            foreach (var row in rows)
            {
                if (!_members.TryGetValue(row.Key, out var member))
                    _members.Add(row.Key, member = new(row, endedAt));
                else if (row.Beat > member.Row.Beat)
                    member.Take(row, endedAt);
            }
            _left = [.. read.Rows.Where(row => row.HasLeft)];
            foreach (var row in read.Rows)
            {
                // One that was forgotten may come back, and a read from before may come late.
                if (row.HasLeft && _members.TryGetValue(row.Key, out var member) && row.Beat >= member.Row.Beat)
                    _members.Remove(row.Key);
                if (row.Replaces != 0)
                    _members.Remove(MemberRow.KeyOf(row.Node, row.Replaces));
            }
            if (!rules.RemembersMembers)
                foreach (var key in _members.Keys.Except(rows.Select(row => row.Key)).ToArray())
                    _members.Remove(key);
            var present = read.Rows.Select(row => row.Key).ToHashSet(StringComparer.Ordinal);
            foreach (var member in _members.Values)
            {
                if (rules.MissingIsNotSilent)
                    member.IsPresent(present.Contains(member.Row.Key), endedAt);
                // It has not beaten from then to the start of this read. A primary that was replaced answers reads for longer than it takes writes, and who beats
                // elsewhere is silent there: its word counts with a write alone.
                if (rules.LeavesOutByTwoReads && MayBeLeftOut(member.Row) && (isBeat || TakeOver == TimeSpan.Zero) && Between(member.SilentSince, startedAt) > SilenceOf(member.Row))
                    member.IsOut = true;
            }
            _lastReadStart = Math.Max(_lastReadStart, startedAt);
            _lastReadEnd = Math.Max(_lastReadEnd, endedAt);
            var live = _members.Values.Where(IsLive).Select(member => member.Row).GroupBy(row => row.Region, StringComparer.OrdinalIgnoreCase)
                .ToFrozenDictionary(region => region.Key, region => region.ToArray(), StringComparer.OrdinalIgnoreCase);
            Volatile.Write(ref _live, live);
            Volatile.Write(ref _liveRegions, live.ToFrozenDictionary(region => region.Key, region => region.Value.Average(row => row.Load), StringComparer.OrdinalIgnoreCase));
        }
    }

    /// <summary>The log has lost something, or is another one: rows that we have not seen may be lost as well, so the watch begins anew.</summary>
    public void WatchAgain()
    {
        lock (_gate)
            _watchStart = null;
    }

    /// <param name="appendedAt">When the append was known to have happened; 0: before all reads.</param>
    public Progress ProgressOf(LogEntry entry, long appendedAt)
    {
        lock (_gate)
        {
            var applied = new List<MemberRow>();
            var pending = new List<PendingMember>();
            var leftOut = new List<MemberRow>();
            foreach (var member in _members.Values)
            {
                if (HasApplied(member, entry))
                    applied.Add(member.Row);
                else if (IsOut(member))
                    leftOut.Add(member.Row);
                else
                    pending.Add(new(member.Row, MayBeLeftOut(member.Row) ? Positive(SilenceOf(member.Row) - time.GetElapsedTime(member.SilentSince)) : null));
            }
            var isKnown = _complete.Contains(entry.Record.Id);
            var hasRead = !rules.NeedsReadAfterAppend || _lastReadStart >= appendedAt;
            var hasWatched = WatchLeft() == TimeSpan.Zero;
            var isComplete = isKnown || (hasRead && hasWatched && pending.Count == 0 && _members.Count > 0);
            if (isComplete && !isKnown)
                Remember(entry.Record.Id);
            return new(isComplete, applied, isKnown ? [] : pending, leftOut, hasRead ? WatchLeft() : WatchLeft() is { Ticks: > 0 } left ? left : null);
        }
    }

    /// <summary>All members that are known, with how long ago the last beat was seen.</summary>
    public IReadOnlyList<(MemberRow Row, TimeSpan Silent, bool IsOut)> Members()
    {
        lock (_gate)
            return [.. _members.Values.Select(member => (member.Row, time.GetElapsedTime(member.SeenAt), IsOut(member)))];
    }

    /// <summary>The runs of that node, with how long they have been silent, and how long they must be to be given up: by reads alone (rule 8).</summary>
    public IReadOnlyList<(MemberRow Row, TimeSpan Silent, TimeSpan Needed)> Named(string node)
    {
        lock (_gate)
            return [.. _members.Values.Where(member => member.Row.Node == node).Select(member => (member.Row, SilentByReads(member), SilenceOfAny(member.Row)))];
    }

    /// <summary>Members whose lease must be over, and which are waited for all the same, for nobody can be sure of it.</summary>
    public IReadOnlyList<(MemberRow Row, TimeSpan Silent)> WaitedForWithoutEnd()
    {
        lock (_gate)
            return [.. _members.Values.Where(member => !MayBeLeftOut(member.Row) && SilentByReads(member) > SilenceOfAny(member.Row)).Select(member => (member.Row, SilentByReads(member)))];
    }

    /// <summary>Rows of members that have left in order.</summary>
    public IReadOnlyList<MemberRow> Left()
    {
        lock (_gate)
            return _left;
    }

    /// <summary>Rows of members that have been silent for so long that nobody can be interested in them.</summary>
    public IReadOnlyList<MemberRow> LongGone(TimeSpan silent)
    {
        lock (_gate)
        {
            var gone = _members.Values.Where(member => IsOut(member) && time.GetElapsedTime(member.SeenAt) > silent).Select(member => member.Row).ToArray();
            foreach (var row in gone)
                _members.Remove(row.Key);
            return gone;
        }
    }

    private TimeSpan WatchLeft()
    {
        if (!rules.WatchesLongEnough || log.IsLocal)
            return TimeSpan.Zero;
        var needed = _members.Values.Select(member => SilenceOf(member.Row)).Append(terms.Length + terms.Margin + TakeOver).Max();
        return _watchStart is { } start ? Positive(needed - Between(start, _lastReadStart)) : needed;
    }

    private bool HasApplied(Member member, LogEntry entry)
    {
        if (member.HasApplied(entry.Record.Id))
            return true;
        var (row, stands) = (member.Row, chain.Find(entry.Record.Id));
        if (!rules.AppliedByHistory)
            return row.Applied.Position >= entry.At.Position;
        if (stands is null)
            return false;
        foreach (var (at, of) in member.Reported())
        {
            // Behind our own head nothing can be said yet.
            if (of != chain.Log || at.Position < stands.At.Position || chain.LinkAt(at.Position) != at.Link)
                continue;
            member.Note(entry.Record.Id);
            return true;
        }
        return false;
    }

    private bool IsOut(Member member) =>
        rules.LeavesOutByTwoReads ? member.IsOut : MayBeLeftOut(member.Row) && time.GetElapsedTime(member.SilentSince) > SilenceOf(member.Row);

    private bool IsLive(Member member) => Between(member.SeenAt, _lastReadStart) <= MostMissedBeats * new LeaseTerms(member.Row.Lease).Beat;

    /// <summary>By reads alone, up to the start of the last one.</summary>
    private TimeSpan SilentByReads(Member member) => Between(member.SilentSince, _lastReadStart);

    private bool MayBeLeftOut(MemberRow row) => (row.Fences || !rules.WaitsForWhoServesOn) && log.TakeOverTime is not null;

    private TimeSpan TakeOver => log.TakeOverTime ?? TimeSpan.Zero;

    /// <summary>After that long without a beat its lease is over, also if a primary that was replaced has taken one more.</summary>
    private TimeSpan SilenceOf(MemberRow row) => row.Lease + new LeaseTerms(row.Lease).Margin + TakeOver;

    /// <summary>Of a row that is not understood nobody knows the lease: then the longest that there may be.</summary>
    private TimeSpan SilenceOfAny(MemberRow row) => SilenceOf(row.Lease > TimeSpan.Zero ? row : row with { Lease = LeaseTerms.Longest });

    private TimeSpan Between(long from, long to) => to > from ? time.GetElapsedTime(from, to) : TimeSpan.Zero;

    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;

    private void Remember(ulong id)
    {
        if (!_complete.Add(id))
            return;
        _completed.Enqueue(id);
        if (_completed.Count > Most)
            _complete.Remove(_completed.Dequeue());
    }

    private sealed class Member(MemberRow row, long seenAt)
    {
        /// <summary>Reports that our own chain had not reached when they came; and records that it is known to have applied.</summary>
        private const int MostKept = 16;

        private readonly Queue<(Cursor At, ulong Log)> _reports = new([(row.Applied, row.Log)]);
        private readonly Queue<ulong> _applied = new();
        private bool _isMissing;

        public MemberRow Row { get; private set; } = row;

        /// <summary>End of the first read that showed its last beat.</summary>
        public long SeenAt { get; private set; } = seenAt;

        /// <summary>The same, or where its row is gone: the end of the first read that showed that.</summary>
        public long SilentSince { get; private set; } = seenAt;

        public bool IsOut { get; set; }

        public void Take(MemberRow row, long seenAt)
        {
            if (row.Applied != Row.Applied || row.Log != Row.Log)
            {
                _reports.Enqueue((row.Applied, row.Log));
                if (_reports.Count > MostKept)
                    _reports.Dequeue();
            }
            (Row, SeenAt, SilentSince, IsOut) = (row, seenAt, seenAt, false);
        }

        /// <summary>Where the store has lost its row it may have beaten up to then, unseen (F8): its silence begins with the first read without it.</summary>
        public void IsPresent(bool isPresent, long readAt)
        {
            if (_isMissing == !isPresent)
                return;
            _isMissing = !isPresent;
            if (_isMissing && !IsOut)
                SilentSince = readAt;
        }

        public IEnumerable<(Cursor At, ulong Log)> Reported() => _reports.Reverse();

        public bool HasApplied(ulong id) => _applied.Contains(id);

        public void Note(ulong id)
        {
            _applied.Enqueue(id);
            if (_applied.Count > MostKept)
                _applied.Dequeue();
        }
    }
}
