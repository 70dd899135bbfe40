namespace DistCache.TestKit;

/// <summary>Breaks one thing of a fleet after another, and mends it.</summary>
public sealed class Nemesis(EdgeFleet fleet, FloorRunOptions options)
{
    private readonly Random _random = new(options.Seed);
    private readonly List<string> _done = [];

    /// <summary>What was broken, in order.</summary>
    public IReadOnlyList<string> Done => _done;

    /// <summary>Ends with everything mended.</summary>
    public async Task RunAsync(CancellationToken enough)
    {
        while (options.Faults.Count > 0 && await WaitAsync(TimeSpan.FromMilliseconds(_random.Next(100, 1000)), enough))
            await StrikeAsync(options.Faults[_random.Next(options.Faults.Count)], enough);
    }

    private async Task StrikeAsync(FleetFault fault, CancellationToken enough)
    {
        var node = fleet.Nodes[_random.Next(fleet.Nodes.Count)];
        var time = fleet.Lease * (_random.NextDouble() * options.FaultLeases);
        _done.Add($"{fault} {node.Id} {time.TotalSeconds:F1} s");
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
        }
    }

    /// <summary>False: it is enough.</summary>
    private static async Task<bool> WaitAsync(TimeSpan time, CancellationToken enough)
    {
        await Task.Delay(time, enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !enough.IsCancellationRequested;
    }
}
