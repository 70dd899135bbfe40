namespace DistCache.Fleet.Tests.Simulation;

/// <summary>
/// The protocol core under seeded faults. A failure names its seed: <c>DISTCACHE_SEED=n</c> runs that one alone.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("DISTCACHE_LONG") == "1";

    [Fact]
    public void No_seed_violates_the_floor_and_every_fleet_is_live_again_after_its_faults()
    {
        var only = int.TryParse(Environment.GetEnvironmentVariable("DISTCACHE_SEED"), out var seed) ? seed : (int?)null;
        long acknowledged = 0, requests = 0;
        var seeds = only is { } one ? [one] : Enumerable.Range(1, IsLong ? 20_000 : 2_000).ToArray();
        var failures = new System.Collections.Concurrent.ConcurrentBag<string>();
        Parallel.ForEach(seeds, (s, loop) =>
        {
            var world = new World(s, new() { Length = 16 });
            if (world.Run() is { } violation)
            {
                failures.Add($"DISTCACHE_SEED={s}: {violation}\n{string.Join('\n', world.Story.TakeLast(Environment.GetEnvironmentVariable("DISTCACHE_SEED") is null ? 60 : 10_000))}");
                loop.Stop();
            }
            Interlocked.Add(ref acknowledged, world.Acknowledged);
            Interlocked.Add(ref requests, world.Floors.Came);
        });
        Assert.True(failures.IsEmpty, failures.FirstOrDefault());
        output.WriteLine($"{seeds.Length} seeds, {acknowledged} purges acknowledged, {requests} requests answered, 0 violations");
        Assert.True(only is not null || acknowledged > 10L * seeds.Length);
    }
}
