using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;

namespace DistCache.Fleet.Following;

/// <summary>
/// Keeps a node's index level with the log, and its lease by that. One beat at a time; who drives it (<see cref="FollowLoop"/>, the
/// simulation) sees to that. The bell may ring at any time.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>Applied means: kept in the journal, visible in the index, in the chain, and only then reported (rule 4).</item>
/// <item>The lease runs from the start of a beat whose records were all applied (rule 5).</item>
/// <item>Who has none, or has lost it, gets it only when it is sure that what the log lost has been put back (rule 7, <see cref="LeaseWait"/>).</item>
/// <item>Not on the log any more: back to the last common record; what the log lacks is put back, the rest is applied (rule 9). No common record: all that is held is suspect (rules 9 to 11).</item>
/// </list>
/// </remarks>
internal sealed class Follower
{
    /// <summary>Entries in one answer, and in one step back.</summary>
    internal const int Page = 1_000;

    /// <summary>Entries that are remembered.</summary>
    internal const int Remembered = 100_000;

    /// <summary>Bytes of them: long selectors, which any client's writes can bring, shorten the memory and do not fill the machine's.</summary>
    internal const long RememberedBytes = 64L << 20;

    /// <summary>Attempts of one beat to reach a log that changes under it.</summary>
    private const int MostAttempts = 10;

    private readonly Lock _gate = new();
    private readonly Lock _placing = new();
    private readonly IPurgeLog _log;
    private readonly IJournal? _journal;
    private readonly PurgeIndex _index;
    private readonly Lease _lease;
    private readonly LeaseTerms _terms;
    private readonly TimeProvider _time;
    private readonly ProtocolRules _rules;
    private readonly List<LogEntry> _unapplied = [];
    private readonly Dictionary<ulong, long> _unplaced = []; // visible, with where they count from; the journal has not taken them, so they have no place in the chain
    private MemberRow _row;
    private readonly LeaseWait _wait;
    private bool _servesOn;
    private bool _hasHeard;

    public Follower(IPurgeLog log, IJournal? journal, PurgeIndex index, Lease lease, LeaseTerms terms, MemberRow row, TimeProvider time, ProtocolRules rules)
    {
        (_log, _journal, _index, _lease, _terms, _row, _time, _rules) = (log, rules.KeepsJournal ? journal : null, index, lease, terms, row, time, rules);
        Chain = new(rules);
        _wait = new(Chain, terms, log, time, rules);
        if (_journal?.Read() is not { } kept)
            return;
        Chain.Restart(kept.Log, kept.Start, _index.Version);
        foreach (var entry in kept.Entries)
            Chain.Add(entry, Apply(entry));
        Chain.KeepLast(Remembered, RememberedBytes); // the file may be longer than what is kept of it
    }

    public PurgeChain Chain { get; }

    /// <summary>
    /// See <see cref="IStampClock.StampOf"/>. Not between a purge's becoming visible and its place in the chain: a fill that has begun then would name no place behind it,
    /// and nobody in the region who knows the purge would wait for it, or take what it has stored (rules 16 and 19).
    /// </summary>
    public Stamp? StampOf(long asOf)
    {
        lock (_placing)
            return Chain.StampOf(asOf);
    }

    /// <summary>As it was last reported.</summary>
    public MemberRow Row => _row;

    /// <summary>Asked before each beat.</summary>
    public Func<bool> Fences { get; set; } = static () => true;

    /// <summary>Asked before each beat: <see cref="MemberRow.Load"/>.</summary>
    public Func<double> Load { get; set; } = static () => 0;

    /// <summary>Asked before each beat: <see cref="Coordinator.WatchedIn"/>.</summary>
    public Func<ulong, long?> WatchedIn { get; set; } = static _ => null;

    /// <summary>A beat that said so was answered.</summary>
    public bool ServesOn => Volatile.Read(ref _servesOn);

    /// <summary>How often this node found itself on a branch that the log has lost, or on another log.</summary>
    public int Regressions { get; private set; }

    /// <summary>With each of them.</summary>
    public event Action? Regressed;

    /// <summary>Records that this node has put back.</summary>
    public int PutBack { get; private set; }

    /// <summary>The members as the last beat read them; with the times between which it was read.</summary>
    public event Action<MembersAnswer, long, long>? Read;

    /// <summary>
    /// One beat, with what follows from it. True: this node has applied all that was in the log when the beat started.
    /// </summary>
    public async Task<bool> BeatAsync(CancellationToken cancel)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var startedAt = _time.GetTimestamp();
            var chain = Chain;
            if (WatchedIn(chain.Log) is { } session)
                _wait.Whole(chain.Log, session);
            _row = _row with
            {
                Beat = _row.Beat + 1,
                Applied = chain.Head,
                Log = chain.Log,
                HoldsLease = _lease.IsHeld(startedAt),
                Fences = Fences(),
                Whole = _wait.WholeIn(chain.Log),
                Load = Load(),
            };
            if (await _log.BeatAsync(new(_row, chain.Log, chain.KnownHead, Page) { HasHeard = _hasHeard }, cancel) is not { } answer)
                return false;
            if (answer.WasForgotten && _rules.HearsThatItWasForgotten)
                Rejoin();
            _hasHeard = answer.WasForgotten;
            Volatile.Write(ref _servesOn, !_row.Fences);
            Read?.Invoke(answer.Members, startedAt, _time.GetTimestamp());
            var hasAll = await FollowAsync(answer, cancel);
            if (!hasAll && _unplaced.Count > 0)
                return false; // the journal refuses them: not at once again
            if (hasAll || !_rules.LeaseNeedsAllApplied)
            {
                Renew(startedAt, answer.Members);
                return true;
            }
        }
        return false;
    }

    /// <summary>The bell brought an entry: applied at once if it is the next one. False: it is not.</summary>
    public bool TryApply(LogEntry entry)
    {
        lock (_gate)
        {
            var isTaken = Chain.KnownHead is { } head && (head.Next(entry.Record.Id) == entry.At || !_rules.HolesAreRead) && TryTake([entry]);
            if (isTaken && !_rules.BellsDoNotCount)
                _lease.Extend(_time.GetTimestamp(), long.MinValue);
            return isTaken;
        }
    }

    /// <summary>In order: from now on this node is fenced for good, and no member once that is read.</summary>
    public async Task LeaveAsync(CancellationToken cancel)
    {
        _lease.GiveUp();
        _row = _row with { Beat = _row.Beat + 1, HasLeft = true, HoldsLease = false };
        await _log.BeatAsync(new(_row, Chain.Log, Chain.KnownHead, Most: 1), cancel);
    }

    /// <returns>False: look again.</returns>
    private async Task<bool> FollowAsync(BeatAnswer answer, CancellationToken cancel)
    {
        var isOn = answer.IsOn || (!_rules.CursorsHaveLinks && answer.Head.Position >= Chain.Head.Position);
        var entries = isOn && !answer.IsOn ? await _log.ReadBackAsync(long.MaxValue, (int)(answer.Head.Position - Chain.Head.Position), cancel) ?? [] : answer.Entries;
        lock (_gate)
        {
            ApplyOverdue();
            if (!Chain.HasLog || Chain.Log != answer.Log)
                return TryChange(answer);
            if (isOn)
            {
                if (Chain.KnownHead is null && answer.Lowest - 1 != Chain.Head.Position)
                    Chain.Restart(answer.Log, new(answer.Lowest - 1, 0), _index.Version);
                // The bell may have been faster.
                return TryTake([.. entries.SkipWhile(entry => entry.At.Position <= Chain.Head.Position && Chain.LinkAt(entry.At.Position) == entry.At.Link)])
                    && Chain.Head.Position >= answer.Head.Position;
            }
        }
        Regress();
        return await GoBackAsync(answer, cancel);
    }

    /// <summary>The first log that this node sees, or another one than before: then nothing that it holds can be compared with it.</summary>
    private bool TryChange(BeatAnswer answer)
    {
        var isFirst = !Chain.HasLog;
        if (!isFirst)
        {
            Regress();
            _lease.GiveUp();
            _index.SuspectAll();
        }
        _wait.Restart(hasMadeIt: answer.IsNew);
        _unplaced.Clear();
        var start = new Cursor(answer.Lowest - 1, 0);
        Chain.Restart(answer.Log, start, _index.Version);
        if (_journal?.TryBegin(answer.Log, start) is false)
            return false;
        // A first answer without a cursor brings the log from its lowest record on.
        return isFirst && TryTake(answer.Entries) && Chain.Head.Position >= answer.Head.Position;
    }

    private async Task<bool> GoBackAsync(BeatAnswer answer, CancellationToken cancel)
    {
        lock (_gate)
        {
            // All that is known here was forgotten there: a walk through a long log would find nothing in common, and take longer than a beat may.
            if (Chain.Head.Position < answer.Lowest - 1)
                return TryStartAgain(answer);
        }
        var branch = new List<LogEntry>();
        long? fork = null;
        var before = long.MaxValue;
        while (fork is null)
        {
            if (await _log.ReadBackAsync(before, Page, cancel) is not { } page)
                return false;
            if (page.Count == 0 || before <= Chain.Base)
            {
                // The lowest of the log is reached, or the earliest that we remember. Before the first record of all both begin alike.
                if (page.Count == 0 && before is long.MaxValue or 1 && answer.Lowest == 1 && Chain.LinkAt(0) == 0)
                    fork = 0;
                break;
            }
            for (var i = page.Count - 1; i >= 0 && fork is null; i--)
                if (Chain.LinkAt(page[i].At.Position) == page[i].At.Link)
                    fork = page[i].At.Position;
            branch.InsertRange(0, page.Where(entry => entry.At.Position > (fork ?? 0)));
            before = page[0].At.Position;
        }
        var there = branch.Select(entry => entry.Record.Id).ToHashSet();
        var lost = Lost();
        if (lost.Length > 0 && _rules.PutsBack)
        {
            var tail = branch.Count > 0 ? branch[^1].At : new Cursor(fork ?? 0, Chain.LinkAt(fork ?? 0) ?? 0);
            if (await _log.PutBackAsync(tail, lost, cancel))
                PutBack += lost.Length;
            return false; // with the next look they have places
        }
        lock (_gate)
        {
            if (lost.Length != Lost().Length)
                return false; // the bell has brought one more of the lost branch
            return fork is { } common ? TryTakeBranch(common, branch) : TryStartAgain(answer);
        }

        LogEntry[] Lost() => [.. Chain.Behind(Math.Max(fork ?? 0, answer.Lowest - 1)).Where(entry => !there.Contains(entry.Record.Id))];
    }

    private bool TryTakeBranch(long fork, List<LogEntry> branch)
    {
        var isKept = _journal?.TryKeep(branch) is not false; // first, as in TryTake
        lock (_placing)
        {
            var shown = Show(branch, isKept);
            if (isKept)
            {
                Chain.Replace(fork, shown);
                _unplaced.Clear(); // the rest was of the branch that the log has lost
            }
        }
        Chain.KeepLast(Remembered, RememberedBytes);
        return false; // what came meanwhile is asked for with the next beat
    }

    /// <summary>No common record is known: the log as it is now, and nothing held may be believed.</summary>
    private bool TryStartAgain(BeatAnswer answer)
    {
        if (!_rules.SuspectsUnknown)
        {
            Chain.Restart(answer.Log, answer.Head, _index.Version);
            return true;
        }
        _index.SuspectAll();
        _unplaced.Clear();
        var start = new Cursor(answer.Lowest - 1, 0);
        Chain.Restart(answer.Log, start, _index.Version);
        _journal?.TryBegin(answer.Log, start);
        return false;
    }

    private bool TryTake(IReadOnlyList<LogEntry> entries)
    {
        if (entries.Count == 0)
            return true;
        if (entries[0].At.Position != Chain.Head.Position + 1 && _rules.HolesAreRead)
            return false; // a hole is a loss, never waited for: the next look goes back
        if (!_rules.VisibleBeforeReported)
        {
            foreach (var entry in entries)
            {
                _unapplied.Add(entry);
                Chain.Add(entry, _index.Version + 1);
            }
            return true;
        }
        var isKept = _journal?.TryKeep(entries) is not false; // it takes long, and StampOf waits for the rest
        lock (_placing)
        {
            var shown = Show(entries, isKept);
            if (!isKept)
                return false;
            foreach (var (entry, count) in shown)
                Chain.Add(entry, count);
        }
        Chain.KeepLast(Remembered, RememberedBytes);
        return true;
    }

    private void Regress()
    {
        Regressions++;
        Regressed?.Invoke();
    }

    /// <summary>Purges were complete without this node: as one that starts it waits until what the log may have lost of them has been put back.</summary>
    private void Rejoin()
    {
        _lease.GiveUp();
        _wait.Restart(hasMadeIt: false);
    }

    private void ApplyOverdue()
    {
        foreach (var entry in _unapplied)
            Apply(entry);
        _unapplied.Clear();
    }

    /// <summary>Makes visible what is not yet, each once, however often the journal refuses it. Where each counts from then on.</summary>
    private List<(LogEntry Entry, long Count)> Show(IReadOnlyList<LogEntry> entries, bool isKept)
    {
        List<(LogEntry Entry, long Count)> shown = [.. entries.Select(entry => (entry, CountOf(entry.Record.Id) ?? Apply(entry)))];
        foreach (var (entry, count) in shown)
            if (isKept)
                _unplaced.Remove(entry.Record.Id);
            else
                _unplaced[entry.Record.Id] = count;
        return shown;
    }

    private long? CountOf(ulong id) => Chain.CountOf(id) ?? (_unplaced.TryGetValue(id, out var count) ? count : null);

    private long Apply(LogEntry entry) => _index.Apply(entry.Record.Selectors, entry.Record.Mode, TimestampOf(entry.Time));

    /// <summary>The log's time on this node's monotonic clock; a clock that is behind the log's must not put a purge into the future.</summary>
    private long TimestampOf(DateTimeOffset then)
    {
        var ago = _time.GetUtcNow() - then;
        return _time.GetTimestamp() - (ago > TimeSpan.Zero ? (long)(ago.TotalSeconds * _time.TimestampFrequency) : 0);
    }

    private void Renew(long startedAt, MembersAnswer members)
    {
        if (_log.IsLocal)
            return;
        var now = _time.GetTimestamp();
        if (_lease.IsHeld(now) || _wait.IsOver(startedAt, _row, members))
            _lease.Extend(startedAt, (_rules.LeaseFromBeatStart ? startedAt : now) + _terms.LengthIn(_time));
    }
}
