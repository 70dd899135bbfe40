using DistCache.Fleet.Tests.Simulation;
using DistCache.Storage.Purging;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Fleet.Tests;

/// <summary>P12. It counts the memory of the process, so nothing else of it runs.</summary>
[CollectionDefinition(nameof(FleetNodeMemoryTests), DisableParallelization = true)]
[Collection(nameof(FleetNodeMemoryTests))]
public sealed class FleetNodeMemoryTests
{
    private const int Beats = 10_000;

    [Fact]
    public async Task A_node_that_beats_and_hears_of_no_purge_keeps_nothing_of_its_beats()
    {
        var time = new FakeTimeProvider();
        var log = new SimulatedLog(time, ProtocolRules.All, static () => 1);
        await using var node = new FleetNode(log, null, new PurgeIndex(), new() { Node = "a" }, time);
        await node.StartAsync(TimeSpan.FromSeconds(30));
        await BeatAsync(100);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await BeatAsync(Beats);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 40 * Beats); // an object each would be more

        async Task BeatAsync(int times)
        {
            var last = await CountAsync() + times;
            while (await CountAsync() < last)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }
        }

        async Task<long> CountAsync() => (await log.MembersAsync(CancellationToken.None))!.Rows.Single().Beat;
    }
}
