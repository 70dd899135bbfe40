using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Fleet.Tests.Simulation;

/// <summary>
/// A fleet to which happens what a story says, and nothing else: no bell rings, no message is late by itself. One page, tagged "page", of
/// which the origin holds a version. The floor is that of <see cref="Floors"/>.
/// </summary>
internal sealed class ScriptedFleet
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    private readonly List<ScriptedNode> _nodes = [];
    private readonly List<(ScriptedNode By, LogEntry Entry, long At, int Floor)> _purges = [];
    private ulong _ids;

    public ScriptedFleet(ProtocolRules rules, PurgeIndexRules index)
    {
        (Rules, Index) = (rules, index);
        Log = new(Time, rules, NewId);
    }

    public ProtocolRules Rules { get; }

    public PurgeIndexRules Index { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    public SimulatedLog Log { get; }

    /// <summary>What the origin holds.</summary>
    public int Version { get; set; } = 1;

    public (int Version, Stamp Stamp)? Shared { get; set; }

    public int HardFloor { get; private set; }

    public int SoftFloor { get; private set; }

    public string? Violation { get; private set; }

    public ulong NewId() => ++_ids;

    public PurgeRecord Record(PurgeSelector selector, PurgeMode mode = PurgeMode.Hard) => new(NewId(), [selector], mode, "");

    public ScriptedNode Start(string name, ScriptedNode? before = null)
    {
        var node = new ScriptedNode(this, name, before);
        _nodes.Add(node);
        return node;
    }

    public void Crash(ScriptedNode node)
    {
        _nodes.Remove(node);
        _purges.RemoveAll(purge => purge.By == node); // nobody is left to acknowledge them
    }

    /// <summary>Everybody who can beats once a second, and is asked for the page.</summary>
    public async Task PassAsync(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            foreach (var node in _nodes.Where(node => !node.IsStopped))
                await node.BeatAsync();
            Look();
            AskAll();
        }
    }

    public void AskAll()
    {
        foreach (var node in _nodes.Where(node => !node.IsStopped))
            node.Ask();
    }

    public void Appended(ScriptedNode by, LogEntry entry, long at, int floor) => _purges.Add((by, entry, at, floor));

    /// <summary>Whether all purges so far are complete, as those say who were asked for them: from then on they bind.</summary>
    public bool Look()
    {
        var areAll = true;
        foreach (var (by, entry, at, floor) in _purges)
        {
            if (by.IsStopped || !by.IsComplete(entry, at))
            {
                areAll = false;
                continue;
            }
            if (!entry.Record.Selectors.Any(selector => selector == ScriptedNode.Page || selector == ScriptedNode.Prefix))
                continue;
            SoftFloor = Math.Max(SoftFloor, floor);
            if (entry.Record.Mode is PurgeMode.Hard)
                HardFloor = Math.Max(HardFloor, floor);
        }
        return areAll;
    }

    public void Served(ScriptedNode node, int version, bool isFresh)
    {
        if (version < (isFresh ? SoftFloor : HardFloor))
            Violation ??= $"{node.Name} served version {version}{(isFresh ? " as fresh" : "")}; floors are {HardFloor} (hard), {SoftFloor} (soft)";
    }
}

/// <summary>Index, lease, chain, follower and coordinator are the product's own.</summary>
internal sealed class ScriptedNode
{
    public static readonly PurgeSelector Page = new(PurgeScope.Tag, "page");
    public static readonly PurgeSelector Other = new(PurgeScope.Tag, "other");
    public static readonly PurgeSelector Prefix = new(PurgeScope.Prefix, "shop.example/pa");

    private readonly ScriptedFleet _fleet;
    private readonly ulong _run;
    private readonly Lease _lease = new();
    private readonly PurgeIndex _index;
    private readonly IJournal _journal;
    private readonly Follower _follower;
    private readonly Coordinator _coordinator;
    private bool _servesOn;

    /// <param name="before">The run whose journal it finds.</param>
    public ScriptedNode(ScriptedFleet fleet, string name, ScriptedNode? before)
    {
        (_fleet, Name, _run, _journal) = (fleet, name, fleet.NewId(), before?._journal ?? new MemoryJournal());
        _index = new(mostSelectors: 1, PurgeIndex.MostPrefixes, fleet.Index); // so small that what is folded matters
        Link = new(fleet.Log);
        var terms = new LeaseTerms(ScriptedFleet.Lease);
        var row = new MemberRow { Node = name, Run = _run, Replaces = before?._run ?? 0, Lease = terms.Length };
        _follower = new(Link, _journal, _index, _lease, terms, row, fleet.Time, fleet.Rules);
        _coordinator = new(_follower.Chain, terms, Link, fleet.Time, fleet.Rules);
        _follower.Read += _coordinator.Observe;
        _follower.Regressed += _coordinator.WatchAgain;
        _follower.WatchedIn = _coordinator.WatchedIn;
    }

    public string Name { get; }

    /// <summary>What it fetches carries more tags than are kept.</summary>
    public bool HasTooManyTags { get; set; }

    private PurgeIdentity Identity => PurgeIdentity.Of("http", "shop.example", "/page", HasTooManyTags ? null : ["page"]);

    public ScriptedLink Link { get; }

    /// <summary>As by SIGSTOP.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Says that it serves on without a lease, and does so.</summary>
    public bool ServesOn
    {
        get => _servesOn;
        set => (_servesOn, _follower.Fences) = (value, () => !value);
    }

    /// <summary>Id of the log that it follows.</summary>
    public ulong Log => _follower.Chain.Log;

    public bool HoldsLease => _lease.IsHeld(_fleet.Time.GetTimestamp());

    private (int Version, long AsOf)? Held { get; set; }

    public Task BeatAsync() => _follower.BeatAsync(CancellationToken.None);

    /// <summary>The members' rows alone, as while somebody waits for a purge.</summary>
    public async Task ReadAsync()
    {
        var now = _fleet.Time.GetTimestamp();
        _coordinator.Observe((await Link.MembersAsync(CancellationToken.None))!, now, now);
    }

    public bool Ring(LogEntry entry) => _follower.TryApply(entry);

    /// <summary>Fetched, begun and ended now.</summary>
    public void Fill() => Held = (_fleet.Version, _index.Version);

    public void Share() => _fleet.Shared = new(Held!.Value.Version, _follower.Chain.StampOf(Held.Value.AsOf)!.Value);

    /// <param name="floor">Null: what the origin holds now.</param>
    public Task<LogEntry> PurgeAsync(PurgeSelector selector, PurgeMode mode = PurgeMode.Hard, int? floor = null) => PurgeAsync(_fleet.Record(selector, mode), floor);

    public async Task<LogEntry> PurgeAsync(PurgeRecord record, int? floor = null)
    {
        var entry = (await Link.AppendAsync(record, _follower.Chain.Head.Position, CancellationToken.None))!;
        var at = _fleet.Time.GetTimestamp();
        if (!_follower.TryApply(entry))
            await BeatAsync();
        Assert.NotNull(_follower.Chain.Find(record.Id));
        _fleet.Appended(this, entry, at, floor ?? _fleet.Version);
        return entry;
    }

    public bool IsComplete(LogEntry entry, long appendedAt) => _coordinator.ProgressOf(entry, appendedAt).IsComplete;

    /// <summary>What a request would get of what is held: lease, then index. How the request path comes to it is told in <see cref="EdgeStoryTests"/>.</summary>
    public void Ask()
    {
        if (!HoldsLease && !(_servesOn && _follower.ServesOn))
            return; // it asks the origin
        if (Held is { } copy)
        {
            var verdict = _index.Judge(Identity, copy.AsOf, out _);
            if (verdict is PurgeVerdict.Valid or PurgeVerdict.Stale)
                _fleet.Served(this, copy.Version, isFresh: verdict is PurgeVerdict.Valid);
        }
        else if (_fleet.Shared is { } shared && _follower.Chain.PlaceOf(shared.Stamp, out var asOf) is StampPlace.Known && _index.Judge(Identity, asOf, out _) is PurgeVerdict.Valid)
        {
            _fleet.Served(this, shared.Version, isFresh: true);
        }
    }

    /// <summary>What a request of a policy with that bound gets without the origin's word; null: nothing.</summary>
    public int? Bounded(TimeSpan maxLag) =>
        Held is { } copy && _lease.IsFollowed(_fleet.Time.GetTimestamp(), (long)(maxLag.TotalSeconds * _fleet.Time.TimestampFrequency)) && _index.Judge(Identity, copy.AsOf, out _) is PurgeVerdict.Valid
            ? copy.Version
            : null;
}

/// <summary>A node's way to the log: open or cut.</summary>
internal sealed class ScriptedLink(SimulatedLog log) : IPurgeLog
{
    event Action<LogEntry>? IPurgeLog.Bell
    {
        add { }
        remove { }
    }

    /// <summary>The primary that it knows.</summary>
    public SimulatedLog Log { get; set; } = log;

    public bool IsCut { get; set; }

    public bool LosesBeats { get; set; }

    /// <summary>The next beat is answered, and no other.</summary>
    public bool IsCutAfterBeat { get; set; }

    public bool IsLocal => false;

    public TimeSpan? TakeOverTime { get; set; } = TimeSpan.Zero;

    public Task<LogEntry?> AppendAsync(PurgeRecord record, long after, CancellationToken cancel) => IsCut ? Task.FromResult<LogEntry?>(null) : Log.AppendAsync(record, after, cancel);

    public Task<BeatAnswer?> BeatAsync(Beat beat, CancellationToken cancel)
    {
        if (IsCut || LosesBeats)
            return Task.FromResult<BeatAnswer?>(null);
        (IsCut, IsCutAfterBeat) = (IsCutAfterBeat, false);
        return Log.BeatAsync(beat, cancel);
    }

    public Task<MembersAnswer?> MembersAsync(CancellationToken cancel) => IsCut ? Task.FromResult<MembersAnswer?>(null) : Log.MembersAsync(cancel);

    public Task<IReadOnlyList<LogEntry>?> ReadBackAsync(long before, int most, CancellationToken cancel) =>
        IsCut ? Task.FromResult<IReadOnlyList<LogEntry>?>(null) : Log.ReadBackAsync(before, most, cancel);

    public Task<bool> PutBackAsync(Cursor tail, IReadOnlyList<LogEntry> lost, CancellationToken cancel) => IsCut ? Task.FromResult(false) : Log.PutBackAsync(tail, lost, cancel);

    public Task TrimAsync(long below, CancellationToken cancel) => Log.TrimAsync(below, cancel);

    public Task<bool?> ForgetAsync(MemberRow member, CancellationToken cancel) => IsCut ? Task.FromResult<bool?>(null) : Log.ForgetAsync(member, cancel);

    public Task RemoveAsync(IReadOnlyList<MemberRow> members, CancellationToken cancel) => Log.RemoveAsync(members, cancel);

    public ValueTask DisposeAsync() => default;
}
