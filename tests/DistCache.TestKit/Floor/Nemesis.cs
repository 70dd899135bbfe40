using System.Diagnostics;

namespace DistCache.TestKit;

/// <summary>Breaks one thing of a fleet after another, and mends it: each kind once before any comes twice. Beside that one edge may sleep for long.</summary>
public sealed class Nemesis(EdgeFleet fleet, FloorRunOptions options)
{
    private readonly Random _random = new(options.Seed);
    private readonly Lock _gate = new();
    private readonly List<Strike> _done = [];
    private readonly Queue<FleetFault> _deck = new();
    private readonly HashSet<FleetFault> _dealt = [];
    private volatile FleetNode? _asleep;
    private bool _hasSlept = options.LongFreeze == TimeSpan.Zero;

    /// <summary>What was broken and is mended, in order.</summary>
    public IReadOnlyList<Strike> Done
    {
        get
        {
            lock (_gate)
                return [.. _done];
        }
    }

    /// <summary>Every kind has had its turn, and who was to sleep has slept.</summary>
    public bool IsThrough
    {
        get
        {
            lock (_gate)
                return _hasSlept && options.Faults.All(_dealt.Contains);
        }
    }

    /// <summary>Ends with everything mended.</summary>
    public async Task RunAsync(CancellationToken enough)
    {
        // Until then they have something in memory that they must not serve afterwards.
        if (!_hasSlept && !await WaitAsync(fleet.Lease, enough))
            return;
        var sleeping = _hasSlept ? Task.CompletedTask : SleepAsync(Any(), enough);
        try
        {
            while (options.Faults.Count > 0 && await WaitAsync(TimeSpan.FromMilliseconds(_random.Next(100, 1000)), enough))
            {
                var fault = Deal();
                await StrikeAsync(fault, enough);
                lock (_gate)
                    _dealt.Add(fault);
            }
        }
        finally
        {
            await sleeping;
        }
    }

    /// <summary>Nothing else befalls it meanwhile.</summary>
    private async Task SleepAsync(FleetNode node, CancellationToken enough)
    {
        _asleep = node;
        var start = Stopwatch.GetTimestamp();
        node.Edge.Process.Send(Signal.Stop);
        await WaitAsync(options.LongFreeze, enough);
        node.Edge.Process.Send(Signal.Continue);
        Note(new(FleetFault.FreezeEdge, node.Id, Stopwatch.GetElapsedTime(start)));
        _asleep = null;
        lock (_gate)
            _hasSlept = true;
    }

    private FleetNode Any()
    {
        var awake = fleet.Nodes.Where(node => node != _asleep).ToArray();
        return awake[_random.Next(awake.Length)];
    }

    private FleetFault Deal()
    {
        if (_deck.Count == 0)
        {
            FleetFault[] kinds = [.. options.Faults];
            _random.Shuffle(kinds);
            foreach (var kind in kinds)
                _deck.Enqueue(kind);
        }
        return _deck.Dequeue();
    }

    private void Note(Strike strike)
    {
        lock (_gate)
            _done.Add(strike);
    }

    private async Task StrikeAsync(FleetFault fault, CancellationToken enough)
    {
        var node = Any();
        var time = fleet.Lease * (_random.NextDouble() * options.FaultLeases);
        switch (fault)
        {
            case FleetFault.FreezeEdge:
                node.Edge.Process.Send(Signal.Stop);
                await WaitAsync(time, enough);
                node.Edge.Process.Send(Signal.Continue);
                break;
            case FleetFault.KillEdge:
                await node.Edge.KillAsync();
                await node.Edge.RestartAsync();
                break;
            case FleetFault.StallEdge:
                node.Isolate(LinkState.Stalled);
                await WaitAsync(time, enough);
                node.Mend();
                break;
            case FleetFault.IsolateEdge:
                node.Isolate(LinkState.HalfOpen);
                await WaitAsync(time, enough);
                node.Mend();
                break;
            case FleetFault.CutEdge:
                node.CutOff();
                await WaitAsync(time, enough);
                node.Mend();
                break;
            case FleetFault.DeafEdge:
                node.Log.Back.Faults = new LinkFaults { State = LinkState.Stalled };
                await WaitAsync(time, enough);
                node.Mend();
                break;
            case FleetFault.FreezeLog:
                fleet.Log.Freeze();
                await WaitAsync(time, enough);
                fleet.Log.Thaw();
                break;
            case FleetFault.KillLog:
                await fleet.Log.KillAsync();
                await WaitAsync(time / 4, enough);
                await fleet.Log.RestartAsync();
                break;
            case FleetFault.RevertLog:
                await LogLoss.RevertAsync(fleet.Log, node, () => WaitAsync(time / 4, enough));
                break;
            case FleetFault.EmptyLog:
                await LogLoss.EmptyAsync(fleet.Log, node, () => WaitAsync(time / 4, enough));
                break;
            case FleetFault.KillShared when fleet.Shared.TryGetValue(node.Region, out var shared):
                await shared.KillAsync();
                await WaitAsync(time / 4, enough);
                await shared.RestartAsync();
                break;
            case FleetFault.SpoilShared when node.Shared is { } link:
                link.Faults = new LinkFaults { FlipOneBitIn = 10_000, Delay = TimeSpan.FromMilliseconds(_random.Next(0, 100)) };
                await WaitAsync(time, enough);
                node.Mend();
                link.ResetAll(); // a stream with turned bits may be out of step for good
                break;
            case FleetFault.SlowOrigin:
                node.Origin.Back.Faults = LinkFaults.Delayed(_random.Next(50, 1000));
                await WaitAsync(time, enough);
                node.Mend();
                break;
            default:
                return; // this fleet has no such thing
        }

        Note(new(fault, node.Id, time));
    }

    /// <summary>False: it is enough.</summary>
    private static async Task<bool> WaitAsync(TimeSpan time, CancellationToken enough)
    {
        await Task.Delay(time, enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !enough.IsCancellationRequested;
    }
}
