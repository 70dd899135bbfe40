using DistCache.TestKit;

namespace DistCache.Scenarios.Fleet;

/// <summary>One way in which a region loses its shared tier, for a while.</summary>
internal sealed class SharedLoss(string name, Func<EdgeFleet, Task> begin, Func<EdgeFleet, Task> end)
{
    public const string FullMemory = "full memory";

    private static readonly TimeSpan BetweenResets = TimeSpan.FromMilliseconds(100);

    public static IReadOnlyList<SharedLoss> All { get; } =
    [
        new("kill -9", fleet => Store(fleet).KillAsync(), fleet => Store(fleet).RestartAsync()),
        new("SIGSTOP", fleet => Done(Store(fleet).Freeze), fleet => Done(Store(fleet).Thaw)),
        new("SIGSTOP, the purge log too", fleet => Done(() => Freeze(fleet)), fleet => Done(() => Thaw(fleet))),
        new("200 ms late", fleet => Links(fleet, LinkFaults.Delayed(200)), Mended),
        new("half-open", fleet => Links(fleet, new LinkFaults { State = LinkState.HalfOpen }), Mended),
        Resets(),
        new("cut", fleet => Each(fleet, link => link.Cut()), Mended),
        new("bits turned", fleet => Links(fleet, new LinkFaults { FlipOneBitIn = 1000 }), Mended),
        new(FullMemory, fleet => LimitAsync(fleet, "noeviction", "1mb"), fleet => LimitAsync(fleet, "noeviction", "0")),
        new("everything evicted", fleet => LimitAsync(fleet, "allkeys-lru", "1mb"), fleet => LimitAsync(fleet, "noeviction", "0")),
    ];

    public string Name => name;

    public Task BeginAsync(EdgeFleet fleet) => begin(fleet);

    public Task EndAsync(EdgeFleet fleet) => end(fleet);

    /// <summary>A storm: whatever connects is reset a moment later.</summary>
    private static SharedLoss Resets()
    {
        var (enough, storm) = (new CancellationTokenSource(), Task.CompletedTask);
        return new("resets", fleet => Done(() => storm = RageAsync(fleet, enough.Token)), async _ =>
        {
            await enough.CancelAsync();
            await storm;
        });

        static async Task RageAsync(EdgeFleet fleet, CancellationToken enough)
        {
            while (!enough.IsCancellationRequested)
            {
                await Each(fleet, link => link.ResetAll());
                await Task.Delay(BetweenResets, enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static RedisProcess Store(EdgeFleet fleet) => fleet.Shared.Values.Single();

    private static void Freeze(EdgeFleet fleet)
    {
        Store(fleet).Freeze();
        fleet.Log.Freeze();
    }

    private static void Thaw(EdgeFleet fleet)
    {
        Store(fleet).Thaw();
        fleet.Log.Thaw();
    }

    private static Task Links(EdgeFleet fleet, LinkFaults faults) => Each(fleet, link => link.Faults = faults);

    private static Task Each(EdgeFleet fleet, Action<FaultProxy> change) => Done(() =>
    {
        foreach (var node in fleet.Nodes)
            change(node.Shared!);
    });

    /// <summary>A stream with turned bits may be out of step for good: it does not go on.</summary>
    private static Task Mended(EdgeFleet fleet) => Each(fleet, link =>
    {
        link.Mend();
        link.ResetAll();
    });

    private static async Task LimitAsync(EdgeFleet fleet, string policy, string limit)
    {
        await Store(fleet).CommandAsync("CONFIG", "SET", "maxmemory-policy", policy);
        await Store(fleet).CommandAsync("CONFIG", "SET", "maxmemory", limit);
    }

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
