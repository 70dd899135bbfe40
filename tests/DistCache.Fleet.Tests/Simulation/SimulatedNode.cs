using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;

namespace DistCache.Fleet.Tests.Simulation;

/// <summary>
/// One run of a node: index, lease, chain, follower and coordinator are the product's own; around them a request path in small, for the
/// real one needs sockets.
/// </summary>
internal sealed class SimulatedNode
{
    public static readonly TimeSpan LeaseLength = TimeSpan.FromSeconds(5);

    private static readonly PurgeIdentity[] Pages = [Page("a"), Page("b")];
    private readonly World _world;
    private readonly MachineClock _clock;
    private readonly PurgeIndex _index = new();
    private readonly Lease _lease = new();
    private readonly Copy?[] _memory = new Copy?[2];
    private readonly List<SimulatedFill>[] _fills = [[], []];
    private readonly Follower _follower;
    private readonly Coordinator _coordinator;
    private readonly List<SimulatedPurge> _purges = [];
    private bool _isBeating;
    private bool _isPolling;

    public SimulatedNode(World world, int number, ulong run, ulong replaces, SimulatedLink link, MachineClock clock, IJournal journal)
    {
        (_world, Number, Link, _clock) = (world, number, link, clock);
        var rules = world.Options.Rules;
        var terms = new LeaseTerms(LeaseLength);
        _follower = new(link, journal, _index, _lease, terms, new() { Node = $"node-{number}", Run = run, Replaces = replaces, Lease = LeaseLength }, clock, rules);
        _coordinator = new(_follower.Chain, terms, link, clock, rules);
        _follower.Read += Observe;
        _follower.Regressed += _coordinator.WatchAgain;
        _follower.WatchedIn = _coordinator.WatchedIn;
        link.Bell += entry =>
        {
            if (_follower.TryApply(entry))
                _ = BeatAsync(); // the report
        };
        Tick(terms.Beat);
    }

    public int Number { get; }

    public SimulatedLink Link { get; }

    public bool HoldsLease => _lease.IsHeld(_clock.GetTimestamp());

    private PathRules Path => _world.Options.Path;

    public static PurgeSelector SelectorOf(int key, Random random) => random.Next(4) switch
    {
        0 => new(PurgeScope.Tag, key == 0 ? "a" : "b"),
        1 => PurgeSelector.Everything,
        _ => new(PurgeScope.Url, Pages[key].Url),
    };

    public override string ToString() =>
        $"at {_follower.Chain.Head.Position} of {_follower.Chain.Log:x4}, {_follower.Regressions} regressions, {_follower.PutBack} put back, beat {_follower.Row.Beat}{(_isBeating ? " under way" : "")}";

    // ---- following

    public async Task BeatAsync()
    {
        if (_isBeating || Link.IsDead || Link.StoppedUntil > _world.Schedule.Now)
            return;
        _isBeating = true;
        await _follower.BeatAsync(CancellationToken.None);
        _isBeating = false;
    }

    private void Tick(TimeSpan every)
    {
        if (Link.IsDead)
            return;
        _ = BeatAsync();
        _world.Schedule.In((long)(every.TotalMicroseconds * (0.8 + (0.4 * _world.Schedule.Random.NextDouble()))), () => Tick(every));
    }

    private void Observe(MembersAnswer rows, long startedAt, long endedAt)
    {
        _coordinator.Observe(rows, startedAt, endedAt);
        LookAtPurges();
    }

    // ---- purges

    public async Task PurgeAsync(SimulatedPurge purge)
    {
        var head = _follower.Chain.Head.Position;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            if (await Appender.AppendAsync(Link, purge.Record, head, CancellationToken.None) is not { } entry)
                return; // not acknowledged
            var appendedAt = _clock.GetTimestamp();
            if (!_follower.TryApply(entry))
                await BeatAsync();
            if (_follower.Chain.Find(entry.Record.Id) is null)
                continue;
            (purge.Entry, purge.AppendedAt) = (entry, appendedAt);
            _purges.Add(purge);
            Poll();
            return;
        }
    }

    private void Poll()
    {
        if (_isPolling || Link.IsDead)
            return;
        _isPolling = true;
        _ = BeatAsync();
        _ = OnceAsync();

        async Task OnceAsync()
        {
            var startedAt = _clock.GetTimestamp();
            if (await Link.MembersAsync(CancellationToken.None) is { } rows)
                Observe(rows, startedAt, _clock.GetTimestamp());
            _world.Schedule.In(200_000, () =>
            {
                _isPolling = false;
                if (_purges.Count > 0)
                    Poll();
            });
        }
    }

    private void LookAtPurges()
    {
        foreach (var purge in _purges.ToArray())
            if (_coordinator.ProgressOf(purge.Entry!, purge.AppendedAt).IsComplete)
            {
                _purges.Remove(purge);
                _world.Acknowledge(purge);
            }
    }

    // ---- requests

    /// <summary>The request path: lease, version, look-up, verdict; else a fill.</summary>
    public void Request(int key)
    {
        if (Link.IsDead || Link.StoppedUntil > _world.Schedule.Now)
            return;
        var isFenced = Path.Fences && !HoldsLease;
        var version = _index.Version;
        if (_memory[key] is { } copy)
        {
            switch (Judge(key, copy.AsOf))
            {
                case PurgeVerdict.Valid when !isFenced:
                    _world.Served(this, key, copy.Version, isFresh: true, "memory");
                    copy.AsOf = Path.VersionBeforeLookUp ? version : _index.Version;
                    return;
                case PurgeVerdict.Stale when !isFenced:
                    _world.Served(this, key, copy.Version, isFresh: false, "memory, stale");
                    Lead(key);
                    return;
                case PurgeVerdict.Suspect when !Path.SuspectIsNotStale && !isFenced:
                    _world.Served(this, key, copy.Version, isFresh: false, "memory, suspect");
                    return;
                case PurgeVerdict.Dead:
                    _memory[key] = null;
                    break;
            }
        }
        else if (!isFenced && _world.Shared[key] is { } shared && _follower.Chain.PlaceOf(shared.Stamp, out var asOf) is StampPlace.Known && Judge(key, asOf) is PurgeVerdict.Valid)
        {
            _world.Served(this, key, shared.Version, isFresh: true, "shared tier");
            // Promotion comes later, and many things with it.
            _world.Schedule.In(_world.Schedule.Between(100, 50_000), () =>
            {
                if (!Link.IsDead)
                    _memory[key] = new(shared.Version, Path.PromotionKeepsAsOf ? asOf : _index.Version);
            });
            return;
        }
        Join(key, isFenced);
    }

    private void Join(int key, bool isFenced)
    {
        var now = _clock.GetTimestamp();
        var floor = _world.HardFloor[key];
        foreach (var fill in _fills[key])
        {
            if (fill.IsOver || (Path.JudgesAtJoin && Judge(Pages[key] with { Tags = [] }, fill.AsOf) is not PurgeVerdict.Valid))
                continue;
            if (isFenced && Path.FencedJoinsOnlyLater)
                continue; // all of them began before it came
            fill.Readers.Add((floor, Joined: true));
            return;
        }
        if (_fills[key].Count < 3)
            Lead(key).Readers.Add((floor, Joined: false));
    }

    private SimulatedFill Lead(int key)
    {
        var fill = new SimulatedFill { AsOf = _index.Version, StartedAt = _clock.GetTimestamp() };
        _fills[key].Add(fill);
        var schedule = _world.Schedule;
        schedule.In(schedule.Between(500, 100_000), () =>
        {
            fill.Version = _world.Version[key];
            schedule.In(schedule.Chance(0.02) ? schedule.Between(100_000, 6_000_000) : schedule.Between(500, 200_000), () => End(key, fill));
        });
        return fill;
    }

    private void End(int key, SimulatedFill fill)
    {
        if (Link.IsDead)
            return;
        fill.IsOver = true;
        _fills[key].Remove(fill);
        var asOf = Path.AsOfStart ? fill.AsOf : _index.Version;
        var verdict = Judge(key, asOf);
        foreach (var (floor, joined) in fill.Readers)
        {
            if (joined && Path.JudgesAtHead && verdict is not PurgeVerdict.Valid)
                Lead(key).Readers.Add((floor, Joined: false)); // not for them: a next one
            else
                _world.Answered(this, key, fill.Version, floor);
        }
        if (verdict is not PurgeVerdict.Valid && Path.JudgesAtEnd)
            return;
        var stampAsOf = Path.JudgesAtEnd ? asOf : _index.Version;
        _memory[key] = new(fill.Version, stampAsOf);
        if (_follower.Chain.StampOf(stampAsOf) is not { } stamp)
            return;
        _world.Schedule.In(_world.Schedule.Chance(0.05) ? _world.Schedule.Between(100_000, 5_000_000) : 1_000, () => _world.Share(key, new(fill.Version, stamp)));
    }

    private PurgeVerdict Judge(int key, long asOf) => Judge(Pages[key], asOf);

    private PurgeVerdict Judge(PurgeIdentity page, long asOf) => asOf >= _index.Version ? PurgeVerdict.Valid : _index.Judge(page, asOf, out _);

    private static PurgeIdentity Page(string name) => PurgeIdentity.Of("http", "shop.example", "/" + name, [name]);
}

internal sealed class SimulatedPurge
{
    public required PurgeRecord Record { get; init; }

    public required int Key { get; init; }

    /// <summary>What the origin held when the purge was asked for.</summary>
    public required int[] Floors { get; init; }

    public LogEntry? Entry { get; set; }

    public long AppendedAt { get; set; }
}
