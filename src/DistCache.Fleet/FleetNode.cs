using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;

namespace DistCache.Fleet;

/// <summary>
/// This node in its fleet: it follows the log, appends purges, and says when they are complete. A node alone is a fleet of one with a log of
/// its own: the same code, no lease to lose, and every purge complete as soon as it is applied.
/// </summary>
public sealed class FleetNode : IStampClock, IAsyncDisposable
{
    private static readonly TimeSpan OneCall = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Tidying = TimeSpan.FromMinutes(1);

    /// <summary>Records that the log keeps.</summary>
    private const int Kept = 100_000;

    /// <summary>Bytes of them: less than a node remembers, or it could not say where they begin.</summary>
    private const long KeptBytes = Follower.RememberedBytes / 2;

    private readonly IPurgeLog _log;
    private readonly Follower _follower;
    private readonly Coordinator _coordinator;
    private readonly FleetOptions _options;
    private readonly TimeProvider _time;
    private readonly Watch _watch;
    private readonly ProtocolRules _rules;
    private readonly CancellationTokenSource _stop = new();
    private readonly Pulse _wake = new();
    private readonly Lock _gate = new();
    private List<TaskCompletionSource<bool>> _asked = [];
    private Task _running = Task.CompletedTask;
    private long _followedAt;
    private bool _isReached;
    private IReadOnlyList<MemberRow> _leftBefore = [];
    private long _tidiedAt;
    private int _isDisposed;
    private bool _isFailing;

    public FleetNode(IPurgeLog log, IJournal? journal, PurgeIndex index, FleetOptions options, TimeProvider time)
        : this(log, journal, index, options, time, ProtocolRules.All)
    {
    }

    internal FleetNode(IPurgeLog log, IJournal? journal, PurgeIndex index, FleetOptions options, TimeProvider time, ProtocolRules rules)
    {
        (_log, _options, _time, _rules) = (log, options, time, rules);
        Lease = log.IsLocal ? Lease.Forever : new();
        var row = new MemberRow
        {
            Node = options.Node, Run = options.Run, Replaces = options.Replaces, Region = options.Region, Address = options.Address, DataAddress = options.DataAddress, Version = options.Version,
            Lease = options.Lease.Length,
        };
        _follower = new(log, journal, index, Lease, options.Lease, row, time, rules);
        _coordinator = new(_follower.Chain, options.Lease, log, time, rules);
        _watch = new(log, time, (members, startedAt, endedAt) => Observe(members, startedAt, endedAt, isBeat: false), rules);
        _follower.Read += (members, startedAt, endedAt) => Observe(members, startedAt, endedAt, isBeat: true);
        _follower.Regressed += _coordinator.WatchAgain;
        _follower.WatchedIn = _coordinator.WatchedIn;
        log.Bell += OnBell;
        if (!log.IsLocal)
            return;
        // A local log answers at once; from here on the bell brings everything.
        _isReached = _follower.BeatAsync(CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>A node without a log that anybody else could see.</summary>
    public static FleetNode Alone(PurgeIndex index, TimeProvider time, string node = "edge", string region = "") =>
        new(new MemoryPurgeLog(time), journal: null, index, new() { Node = node, Region = region }, time);

    /// <summary>A look at the log ended by a defect, the first since one went well; the next one comes as after any that failed.</summary>
    public event Action<Exception>? Failed;

    public Lease Lease { get; }

    public FleetOptions Options => _options;

    /// <summary>There are no others, and never will be.</summary>
    public bool IsAlone => _log.IsLocal;

    /// <summary>The last position that is applied here.</summary>
    public long Position => _follower.Chain.Head.Position;

    public ulong? Log => _follower.Chain.HasLog ? _follower.Chain.Log : null;

    /// <summary>The last beat was answered.</summary>
    public bool IsReached => Volatile.Read(ref _isReached);

    /// <summary>It serves what it holds without asking.</summary>
    public bool HoldsLease => Lease.IsHeld(_time.GetTimestamp());

    /// <summary>Since the start of the last beat all of whose records are applied; null: there was none. Nothing can be behind a local log.</summary>
    public TimeSpan? Lag => _log.IsLocal ? TimeSpan.Zero : Volatile.Read(ref _followedAt) is > 0 and var at ? _time.GetElapsedTime(at) : null;

    public int Regressions => _follower.Regressions;

    /// <summary>The others know that this node serves on without a lease, and leave it out of no purge (rule 6): only then it may.</summary>
    public bool ServesOn => _follower.ServesOn;

    /// <summary>Asked before each beat: whether this node fences itself in whatever it serves.</summary>
    public void FencesWhile(Func<bool> fences) => _follower.Fences = fences;

    /// <summary>Asked before each beat: what this node does of what it may do at once, 0 to 1.</summary>
    /// <summary>What this node says of its own: <see cref="MemberRow.Load"/>.</summary>
    public double Load => _follower.Load();

    public void LoadIs(Func<double> load) => _follower.Load = load;

    /// <summary>The regions that have a live member, with the mean load of those; null: nobody else can be known, or nothing was read yet.</summary>
    public IReadOnlyDictionary<string, double>? LiveRegions => _log.IsLocal ? null : _coordinator.LiveRegions;

    /// <summary>The live members of a region, this node perhaps among them; empty: there are none, or nobody else can be known.</summary>
    public IReadOnlyList<MemberRow> LiveIn(string region) => _log.IsLocal ? [] : _coordinator.LiveIn(region);

    /// <summary>Begins to follow. Returns after the first beat, answered or not, and waits no longer than <paramref name="patience"/> for it.</summary>
    public async Task StartAsync(TimeSpan patience)
    {
        if (_log.IsLocal)
            return;
        var first = ConfirmAsync(CancellationToken.None);
        _running = RunAsync(_stop.Token);
        await Task.WhenAny(first, Task.Delay(patience, _time));
    }

    /// <summary>In order: fenced from here on, and no member once the others have read it.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        _wake.Set();
        await _running;
        if (_log.IsLocal)
            return;
        using var limit = new CancellationTokenSource(OneCall, _time);
        try
        {
            await _follower.LeaveAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // It then counts as silent, for a lease and a margin.
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A container that knows it under two names disposes of it for each.
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _stop.CancelAsync();
        _wake.Set();
        await _running;
        _log.Bell -= OnBell;
        await _log.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>Appends a purge and applies it here. Null: the log did not take it, or nobody can say; nothing may be acknowledged.</summary>
    public ValueTask<Appended?> AppendAsync(IReadOnlyList<PurgeSelector> selectors, PurgeMode mode, string by, CancellationToken cancel) =>
        AppendAsync(new(PurgeRecord.NewId(), selectors, mode, by), cancel);

    public async ValueTask<Appended?> AppendAsync(PurgeRecord record, CancellationToken cancel)
    {
        // An earlier attempt may have been taken after all.
        if (_follower.Chain.Find(record.Id) is { } taken)
            return new(taken, _time.GetTimestamp());
        var head = _follower.Chain.Head.Position;
        while (await Appender.AppendAsync(_log, record, head, cancel) is { } entry)
        {
            var appendedAt = _time.GetTimestamp();
            _follower.TryApply(entry);
            Wake(); // the report
            if (_follower.Chain.Find(record.Id) is { } known)
                return new(known, appendedAt);
            if (!await ConfirmAsync(cancel))
                return null;
            if (_follower.Chain.Find(record.Id) is { } place)
                return new(place, appendedAt);
            // The log has lost it again before anybody read it.
        }
        return null;
    }

    /// <summary>
    /// A look at the log that starts after this call; those who come while one is under way share the next, so two at most are in flight
    /// (rule 21). True: all that it held is applied here. False at once when this node has stopped.
    /// </summary>
    public Task<bool> ConfirmAsync(CancellationToken cancel)
    {
        if (_log.IsLocal)
            return Task.FromResult(true);
        var asked = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            // After its last answers, given under this lock, the loop gives none.
            if (_stop.IsCancellationRequested)
                return Task.FromResult(false);
            _asked.Add(asked);
        }
        Wake();
        return AnswerAsync().WaitAsync(cancel);

        async Task<bool> AnswerAsync() => await asked.Task; // as in Pulse
    }

    /// <summary>Beyond that count the index has purges of this node's own that the log has not taken yet (what writes made invalid); <see cref="long.MaxValue"/>: it has none. To be said before the first of them is applied.</summary>
    public void IsToldUpTo(long count) => _follower.Chain.IsToldUpTo(count);

    public Progress ProgressOf(Appended purge) =>
        _log.IsLocal ? new(true, [_follower.Row], [], [], TimeSpan.Zero) : _coordinator.ProgressOf(purge.Entry, purge.At);

    /// <summary>Until it is complete (in that region, where one is named), or the time is over.</summary>
    public async Task<Progress> WaitAsync(Appended purge, string? region, TimeSpan timeout, CancellationToken cancel)
    {
        if (_log.IsLocal)
            return ProgressOf(purge);
        using var watching = _watch.Begin();
        var startedAt = _time.GetTimestamp();
        while (true)
        {
            var next = _watch.Next;
            var progress = ProgressOf(purge);
            if (progress.IsComplete || (region is not null && progress.IsCompleteIn(region)))
                return progress;
            var left = timeout - _time.GetElapsedTime(startedAt);
            if (left <= TimeSpan.Zero)
                return progress;
            // Whole milliseconds: Task.Delay takes part of one for none, and the last would be spent going round and round.
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), _time, cancel));
            cancel.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The members as far as they are known here; this node among them.</summary>
    public IReadOnlyList<(MemberRow Row, TimeSpan Silent, bool IsOut)> Members() => _log.IsLocal ? [(_follower.Row, TimeSpan.Zero, false)] : _coordinator.Members();

    /// <summary>Members that are silent and waited for without end: nobody knows how long a primary of the log that was replaced may take writes, or they serve on without a lease.</summary>
    public IReadOnlyList<(MemberRow Row, TimeSpan Silent)> WaitedForWithoutEnd() => _log.IsLocal ? [] : _coordinator.WaitedForWithoutEnd();

    /// <summary>
    /// Somebody says that this member is gone for good, or reaches no server of the log: no purge waits for it any more. Done only for runs that have
    /// been silent for longer than their lease and a margin. One that comes back joins as a new one does.
    /// </summary>
    public async Task<ForgetAnswer> ForgetAsync(string node, CancellationToken cancel)
    {
        if (_log.IsLocal)
            return new(Forgetting.Unknown, [], default, default);
        if (!await ConfirmAsync(cancel)) // as it is now
            return new(Forgetting.NotReached, [], default, default);
        var runs = _coordinator.Named(node).Where(member => member.Row.Run != _options.Run).ToArray();
        if (runs.Length == 0)
            return new(Forgetting.Unknown, [], default, default);
        var (longest, gone) = (runs.MaxBy(run => run.Silent - run.Needed), new List<MemberRow>());
        foreach (var run in runs.Where(run => run.Silent > run.Needed))
        {
            if (await _log.ForgetAsync(run.Row, cancel) is not { } isDone)
                return new(Forgetting.NotReached, gone, default, default);
            if (isDone)
                gone.Add(run.Row);
        }
        await ConfirmAsync(cancel); // this node knows it before it says so
        return new(gone.Count > 0 ? Forgetting.Done : Forgetting.IsHeard, gone, longest.Silent, longest.Needed);
    }

    /// <summary>What stands at that position, as far back as is remembered.</summary>
    public LogEntry? At(long position) => _follower.Chain.At(position);

    /// <summary>Where that record stands now.</summary>
    public LogEntry? Find(ulong recordId) => _follower.Chain.Find(recordId);

    /// <summary>Entries before that position, the newest first.</summary>
    public IReadOnlyList<LogEntry> Before(long position, int most) => _follower.Chain.Before(position, most);

    /// <inheritdoc/>
    public Stamp? StampOf(long asOf) => _follower.StampOf(asOf);

    /// <inheritdoc/>
    public StampPlace PlaceOf(in Stamp stamp, out long asOf) => _follower.Chain.PlaceOf(stamp, out asOf);

    /// <inheritdoc/>
    public async ValueTask CatchUpAsync(CancellationToken cancel) => await ConfirmAsync(cancel);

    private void Wake() => _wake.Set();

    private void OnBell(LogEntry entry)
    {
        try
        {
            _follower.TryApply(entry);
        }
        catch (Exception e)
        {
            Tell(e); // it is the log's thread; the look that follows tries again
        }
        Wake(); // to report it, or to fetch what lies between
    }

    private void Observe(MembersAnswer members, long startedAt, long endedAt, bool isBeat)
    {
        _coordinator.Observe(members, startedAt, endedAt, isBeat);
        _watch.Beat();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var woken = _wake.NextAgain();
            List<TaskCompletionSource<bool>> asked;
            lock (_gate)
                (asked, _asked) = (_asked, []);
            var startedAt = _time.GetTimestamp();
            var hasAll = await BeatAsync(stop);
            if (hasAll)
                Volatile.Write(ref _followedAt, startedAt);
            Volatile.Write(ref _isReached, hasAll);
            if (!_rules.SharesOnlyLaterLooks)
                lock (_gate)
                    (asked, _asked) = ([.. asked, .. _asked], []);
            foreach (var one in asked)
                one.TrySetResult(hasAll);
            await TidyAsync(stop);
            if (hasAll)
                await Task.WhenAny(woken, Task.Delay(_options.Lease.Beat, _time, stop));
            else
                await Task.WhenAny(Task.Delay(Again < _options.Lease.Beat ? Again : _options.Lease.Beat, _time, stop));
        }
        lock (_gate)
            foreach (var one in _asked)
                one.TrySetResult(false);
    }

    private async Task<bool> BeatAsync(CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(OneCall, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            var hasAll = await _follower.BeatAsync(either.Token);
            Volatile.Write(ref _isFailing, false);
            return hasAll;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (Exception e)
        {
            // The next one may be well: a loop that ends here would leave the node fenced, and whoever waits for a beat waiting, until it is started again.
            Tell(e);
            return false;
        }
    }

    private void Tell(Exception defect)
    {
        if (Interlocked.Exchange(ref _isFailing, true) is false)
            Failed?.Invoke(defect);
    }

    /// <summary>Once a minute: rows that nobody needs, and records beyond what is kept, never past a member's cursor (rule 10).</summary>
    private async Task TidyAsync(CancellationToken stop)
    {
        if (_time.GetElapsedTime(_tidiedAt) < Tidying)
            return;
        _tidiedAt = _time.GetTimestamp();
        try
        {
            var left = _coordinator.Left();
            var gone = _coordinator.LongGone(10 * _options.Lease.Length).Concat(left.Intersect(_leftBefore)).ToArray();
            _leftBefore = left;
            if (gone.Length > 0)
                await _log.RemoveAsync(gone, stop);
            var applied = !_rules.KeepsForMembers ? long.MaxValue : _coordinator.Members().Where(member => !member.IsOut).Select(member => member.Row.Applied.Position).DefaultIfEmpty(0).Min();
            var lowest = Math.Min(Math.Max(Position - Kept, _follower.Chain.LowestWithin(KeptBytes)), applied);
            if (lowest > 1)
                await _log.TrimAsync(lowest, stop);
        }
        catch (OperationCanceledException)
        {
            // The next node does it, or this one the next time.
        }
        catch (Exception e)
        {
            Tell(e);
        }
    }
}

/// <summary>A purge that the log has taken, and this node has applied.</summary>
/// <param name="At">When that was known, as <see cref="TimeProvider.GetTimestamp"/>.</param>
public sealed record Appended(LogEntry Entry, long At);
