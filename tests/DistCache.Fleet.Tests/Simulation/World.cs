using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;
using DistCache.Storage.Purging;

namespace DistCache.Fleet.Tests.Simulation;

/// <summary>
/// A fleet, its log, its shared tier and its origin, and what may befall them. The floor checker: after a purge was acknowledged as complete, no
/// request that comes later gets a version that is older than what the origin held when the purge was asked for; of a soft purge, not as fresh.
/// </summary>
internal sealed class World
{
    private const long Second = 1_000_000;
    private readonly MemoryJournal[] _journals;
    private readonly MachineClock[] _clocks;
    private readonly SimulatedNode?[] _nodes;
    private readonly ulong[] _runs;
    private readonly SimulatedLog _log;
    private readonly FaultBudget _faults;
    private readonly List<string> _story = [];
    private bool _isHealed;

    public World(int seed, SimulationOptions options)
    {
        Schedule = new(seed);
        Options = options;
        _faults = options.Faults ?? FaultBudget.Of(Schedule.Random);
        _log = new(new MachineClock(Schedule, 1, TimeSpan.Zero), options.Rules, NewId);
        _journals = [.. Enumerable.Range(0, options.Nodes).Select(_ => new MemoryJournal())];
        _clocks = [.. Enumerable.Range(0, options.Nodes).Select(_ => new MachineClock(Schedule, 1 + (0.004 * (Schedule.Random.NextDouble() - 0.5)), TimeSpan.FromSeconds(Schedule.Random.Next(-90, 91))))];
        _nodes = new SimulatedNode?[options.Nodes];
        _runs = new ulong[options.Nodes];
        for (var i = 0; i < options.Nodes; i++)
        {
            var number = i;
            Schedule.In(Schedule.Chance(0.3) ? Schedule.Between(0, 10 * Second) : 1_000 * i, () => Start(number));
        }
    }

    public Schedule Schedule { get; }

    public SimulationOptions Options { get; }

    /// <summary>Of each key, at the origin.</summary>
    public int[] Version { get; } = [1, 1];

    public int[] HardFloor { get; } = [0, 0];

    public int[] SoftFloor { get; } = [0, 0];

    public SharedCopy?[] Shared { get; } = new SharedCopy?[2];

    public int Acknowledged { get; private set; }

    public int Requests { get; private set; }

    public string? Violation { get; private set; }

    public IReadOnlyList<string> Story => _story;

    public string? Run()
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null); // continuations run where the answer arrives
        try
        {
            Schedule.In(0, Act);
            PlanFaults();
            if (Schedule.RunUntil(Options.Length * Second, () => Violation is null))
                Heal();
            return Violation;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    // ---- what clients and editors do

    private void Act()
    {
        var key = Schedule.Random.Next(2);
        switch (Schedule.Random.Next(20))
        {
            case 0 or 1:
                Version[key]++;
                break;
            case 2:
                Purge(key);
                break;
            case 3:
                Version[key]++;
                Purge(key);
                break;
            default:
                if (_nodes[Schedule.Random.Next(_nodes.Length)] is { } node)
                    node.Request(key);
                break;
        }
        Schedule.In(Schedule.Between(1_000, 120_000), Act);
    }

    private SimulatedPurge? Purge(int key)
    {
        if (_nodes[Schedule.Random.Next(_nodes.Length)] is not { } node || node.Link.StoppedUntil > Schedule.Now)
            return null;
        var selector = SimulatedNode.SelectorOf(key, Schedule.Random);
        var purge = new SimulatedPurge
        {
            Record = new(NewId(), [selector], Schedule.Chance(0.3) ? PurgeMode.Soft : PurgeMode.Hard, ""),
            Key = selector.Scope is PurgeScope.Everything ? -1 : key,
            Floors = [.. Version],
        };
        Say($"purge {purge.Record.Id:x4} ({purge.Record.Mode} {selector.Scope}) of {(purge.Key < 0 ? "all" : purge.Key)} asked of {node.Number}");
        _ = node.PurgeAsync(purge);
        return purge;
    }

    public void Acknowledge(SimulatedPurge purge)
    {
        Acknowledged++;
        Say($"purge {purge.Record.Id:x4} acknowledged");
        for (var key = 0; key < 2; key++)
        {
            if (purge.Key >= 0 && purge.Key != key)
                continue;
            SoftFloor[key] = Math.Max(SoftFloor[key], purge.Floors[key]);
            if (purge.Record.Mode is PurgeMode.Hard)
                HardFloor[key] = Math.Max(HardFloor[key], purge.Floors[key]);
        }
    }

    public void Served(SimulatedNode node, int key, int version, bool isFresh, string from)
    {
        Requests++;
        if (version < (isFresh ? SoftFloor[key] : HardFloor[key]))
            Fail($"node {node.Number} served version {version} of {key} from {from}{(isFresh ? " as fresh" : "")}; floors are {HardFloor[key]} (hard), {SoftFloor[key]} (soft)");
    }

    public void Answered(SimulatedNode node, int key, int version, int floor)
    {
        Requests++;
        if (version < floor)
            Fail($"node {node.Number} answered a request that came at floor {floor} with version {version} of {key} from a fill");
    }

    public void Share(int key, SharedCopy copy)
    {
        // Only if not older (rule 16).
        if (Shared[key] is not { } there || there.Stamp.Log != copy.Stamp.Log || copy.Stamp.Position >= there.Stamp.Position)
            Shared[key] = copy;
    }

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
        Say($"node {node.Number} cut off");
        node.Link.IsCut = true;
        Schedule.In(Schedule.Between(Second / 2, 20 * Second), () =>
        {
            Say($"node {node.Number} reconnects");
            node.Link.IsCut = false;
        });
    }

    private void Stop()
    {
        if (_nodes[Schedule.Random.Next(_nodes.Length)] is not { } node)
            return;
        var until = Schedule.Now + Schedule.Between(Second / 2, 20 * Second);
        Say($"node {node.Number} stopped until {until / 1000} ms");
        node.Link.StoppedUntil = until;
    }

    private void Crash()
    {
        var number = Schedule.Random.Next(_nodes.Length);
        if (_nodes[number] is not { } node)
            return;
        Say($"node {number} crashes");
        node.Link.IsDead = true;
        node.Link.Leave();
        _nodes[number] = null;
        Schedule.In(Schedule.Between(1_000, 8 * Second), () => Start(number));
    }

    private void Start(int number)
    {
        var run = NewId();
        Say($"node {number} starts");
        _nodes[number] = new(this, number, run, _runs[number], new(Schedule, _log, _isHealed ? 0 : _faults.Loss), _clocks[number], _journals[number]);
        _runs[number] = run;
    }

    // ---- afterwards

    /// <summary>No more faults: everybody must hold a lease again, and a new purge must be acknowledged.</summary>
    private void Heal()
    {
        _isHealed = true;
        foreach (var node in _nodes)
            if (node is not null)
                (node.Link.IsCut, node.Link.StoppedUntil, node.Link.Loss) = (false, 0, 0);
        if (!Schedule.RunUntil(Schedule.Now + (30 * Second), () => Violation is null))
            return;
        for (var i = 0; i < _nodes.Length; i++)
            if (_nodes[i] is not { HoldsLease: true })
                Fail($"not live: node {i} holds no lease 30 s after the last fault ({_faults}; {_nodes[i]})");
        var before = Acknowledged;
        var purge = Violation is null ? Purge(0) : null;
        if (Schedule.RunUntil(Schedule.Now + (20 * Second), () => Violation is null) && purge is not null && Acknowledged == before)
            Fail("not live: a purge was not acknowledged within 20 s, 30 s after the last fault");
    }

    private void Fail(string what)
    {
        Say("VIOLATION: " + what);
        Violation ??= what;
    }

    private void Say(string what) => _story.Add($"{Schedule.Now / 1000,8} ms  {what}");

    private ulong NewId() => (ulong)Schedule.Random.NextInt64(1, long.MaxValue);
}
