using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;
using DistCache.Storage.Purging;
using DistCache.Storage.Tests.Shared.Kit;

namespace DistCache.Fleet.Tests.Simulation;

/// <summary>A fleet, its log, its shared tier and its origin, and what may befall them, watched by <see cref="Simulation.Floors"/>.</summary>
internal sealed class World : ISimulated
{
    private const long Second = 1_000_000;
    private readonly MemoryJournal[] _journals;
    private readonly Machine[] _machines;
    private readonly SimulatedNode?[] _nodes;
    private readonly ulong[] _runs;
    private readonly SimulatedLog _log;
    private readonly MemoryStore _store;
    private readonly FaultBudget _faults;
    private readonly List<string> _story = [];
    private bool _isHealed;
    private bool _isQuiet;

    public World(int seed, SimulationOptions options)
    {
        Schedule = new(seed);
        Options = options;
        _faults = options.Faults ?? FaultBudget.Of(Schedule.Random);
        Origin = new(Schedule);
        _log = new(new Process(Schedule, Machine.Exact), options.Rules, NewId);
        _store = new(new Process(Schedule, Machine.Exact));
        _journals = [.. Enumerable.Range(0, options.Nodes).Select(_ => new MemoryJournal())];
        _machines = [.. Enumerable.Range(0, options.Nodes).Select(_ => Machine.Of(Schedule.Random))];
        _nodes = new SimulatedNode?[options.Nodes];
        _runs = new ulong[options.Nodes];
        for (var i = 0; i < options.Nodes; i++)
        {
            var number = i;
            Schedule.In(Schedule.Chance(0.3) ? Schedule.Between(0, 4 * Second) : 1_000 * i, () => Start(number));
        }
    }

    public Schedule Schedule { get; }

    public SimulationOptions Options { get; }

    public SimulatedOrigin Origin { get; }

    public Floors Floors { get; } = new();

    public int Acknowledged { get; private set; }

    public string? Violation { get; private set; }

    public IReadOnlyList<string> Story => _story;

    public string? Run()
    {
        Schedule.In(0, Act);
        PlanFaults();
        if (Schedule.RunUntil(Options.Length * Second, () => Violation is null))
            Heal();
        foreach (var node in _nodes)
            node?.Die();
        return Violation;
    }

    // ---- what clients and editors do

    private void Act()
    {
        if (_isQuiet)
            return;
        var key = Schedule.Random.Next(2);
        switch (Schedule.Random.Next(20))
        {
            case 0 or 1:
                Origin.Version[key]++;
                break;
            case 2:
                Purge(key);
                break;
            case 3:
                Origin.Version[key]++;
                Purge(key);
                break;
            default:
                _ = _nodes[Schedule.Random.Next(_nodes.Length)]?.AskAsync(key, Schedule.Chance(0.05) ? "HEAD" : "GET");
                break;
        }
        Schedule.In(Schedule.Between(1_000, _isHealed ? 400_000 : 120_000), Act);
    }

    private void Purge(int key)
    {
        if (_nodes[Schedule.Random.Next(_nodes.Length)] is not { Process.IsRunning: true } node)
            return;
        var selector = SelectorOf(key);
        var record = new PurgeRecord(NewId(), [selector], Schedule.Chance(0.3) ? PurgeMode.Soft : PurgeMode.Hard, "");
        var isOfAll = selector.Scope is PurgeScope.Everything;
        int[] versions = [.. Origin.Version];
        Say($"purge {record.Id:x4} ({record.Mode} {selector.Scope}) of {(isOfAll ? "all" : SimulatedOrigin.NameOf(key))} asked of {node.Name}");
        _ = node.PurgeAsync(record, null, () =>
        {
            Acknowledged++;
            Say($"purge {record.Id:x4} acknowledged");
            Floors.Raise(isOfAll ? null : key, record.Mode, versions);
        });
    }

    private PurgeSelector SelectorOf(int key) => Schedule.Random.Next(4) switch
    {
        0 => new(PurgeScope.Tag, SimulatedOrigin.NameOf(key)),
        1 => PurgeSelector.Everything,
        _ => new(PurgeScope.Url, "http://shop.example" + SimulatedOrigin.PathOf(key)),
    };

    // ---- faults

    private void PlanFaults()
    {
        Plan(_faults.FailOvers, FailOver);
        Plan(_faults.Cuts, Cut);
        Plan(_faults.Crashes, Crash);
        Plan(_faults.Stops, Stop);
        Plan(_faults.Flushes, () =>
        {
            Say("log emptied");
            _log.Flush();
        });
        Plan(_faults.Evictions, () =>
        {
            Say("members' rows evicted");
            _log.Evict();
        });
        Plan(_faults.Trims, () =>
        {
            Say($"log trimmed below {_log.Length}");
            _log.TrimAsync(_log.Length, CancellationToken.None);
        });
    }

    private void Plan(int most, Action fault)
    {
        for (var i = 0; i < most; i++)
            Schedule.In(Schedule.Between(Second, Options.Length * Second * 3 / 4), () =>
            {
                if (!_isHealed)
                    fault();
            });
    }

    private void FailOver()
    {
        var lost = (int)Schedule.Between(0, Math.Min(_log.Ids.Count(), 3));
        Say($"log fails over, {lost} records lost, head was {_log.Length}");
        _log.FailOver(lost, _ => Schedule.Chance(0.5));
    }

    private void Cut()
    {
        if (_nodes[Schedule.Random.Next(_nodes.Length)] is not { } node)
            return;
        Say($"{node.Name} cut off");
        node.Link.IsCut = true;
        Schedule.In(Schedule.Between(Second / 5, 8 * Second), () =>
        {
            Say($"{node.Name} reconnects");
            node.Link.IsCut = false;
        });
    }

    private void Stop()
    {
        if (_nodes[Schedule.Random.Next(_nodes.Length)] is not { } node)
            return;
        var until = Schedule.Now + Schedule.Between(Second / 5, 8 * Second);
        Say($"{node.Name} stopped until {until / 1000} ms");
        node.Process.StoppedUntil = until;
    }

    private void Crash()
    {
        var number = Schedule.Random.Next(_nodes.Length);
        if (_nodes[number] is not { } node)
            return;
        Say($"node {number} crashes");
        node.Die();
        _nodes[number] = null;
        Schedule.In(Schedule.Between(1_000, 3 * Second), () => Start(number));
    }

    private void Start(int number)
    {
        var run = NewId();
        Say($"node {number} starts");
        var process = new Process(Schedule, _machines[number]);
        var link = new SimulatedLink(Schedule, process, _log, _isHealed ? 0 : _faults.Loss) { IsPrompt = _isHealed };
        _nodes[number] = new(this, $"node-{number}", new(process, link, new(Schedule, process, _store), _journals[number], run) { Replaces = _runs[number] });
        _runs[number] = run;
    }

    // ---- afterwards

    /// <summary>No more faults: everybody must hold a lease again and serve what is stored, nobody may wait any more, and a new purge must be acknowledged.</summary>
    private void Heal()
    {
        _isHealed = Origin.IsPrompt = true;
        foreach (var node in _nodes)
            if (node is not null)
                (node.Link.IsCut, node.Process.StoppedUntil, node.Link.Loss, node.Link.IsPrompt) = (false, 0, 0, true);
        if (!Schedule.RunUntil(Schedule.Now + (6 * Second), () => Violation is null))
            return;
        foreach (var node in _nodes)
            if (node is not { Fleet.HoldsLease: true })
                Fail($"not live: no lease 6 s after the last fault ({_faults}; {node})");
        var before = Acknowledged;
        Schedule.In(0, () => Purge(0));
        if (!Schedule.RunUntil(Schedule.Now + (4 * Second), () => Violation is null))
            return;
        if (Acknowledged == before)
            Fail("not live: a purge was not acknowledged within 4 s, 6 s after the last fault");
        _isQuiet = true;
        foreach (var node in _nodes)
        {
            var hits = node!.Hits;
            Schedule.In(2 * Second, () => _ = node.AskAsync(0));
            Schedule.In(4 * Second, () => _ = node.AskAsync(0));
            Schedule.In((4 * Second) + 1, () => Expect(node.Hits > hits && node.Unanswered.Count == 0, $"{node} has not served what it holds, or left {node.Unanswered.Count} requests without an answer"));
        }
        Schedule.RunUntil(Schedule.Now + (5 * Second), () => Violation is null);
    }

    private void Expect(bool isSo, string otherwise)
    {
        if (!isSo)
            Fail("not live: " + otherwise);
    }

    public void Fail(string what)
    {
        Say("VIOLATION: " + what);
        Violation ??= what;
    }

    private void Say(string what) => _story.Add($"{Schedule.Now / 1000,8} ms  {what}");

    private ulong NewId() => (ulong)Schedule.Random.NextInt64(1, long.MaxValue);
}
