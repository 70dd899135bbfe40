using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>F9 through real edges: a Redis Cluster holds the shared tier and the purge log, and its primaries die and its slots move while readers read and purges run.</summary>
[Collection(FleetCollection.Name)]
public class ClusterTests
{
    private const string Log = "dc1:{purges}:log";
    private const int Slots = 64;
    private const int Keys = 40;
    private const int MorePages = 10_000;
    private static readonly int Rounds = LongForm.Asked ? 10 : 1;
    private int _nextKey = Keys;

    [Fact]
    public async Task F9_fail_over_and_resharding_under_load_cost_no_error_the_floor_holds_and_the_cluster_is_used_again()
    {
        Assert.SkipWhen(RedisProcess.Program is null || RedisClusterProcess.Cli is null, "redis-server or redis-cli is not installed.");
        await using var cluster = await RedisClusterProcess.StartAsync();
        await using var fleet = await EdgeFleet.StartAsync(new FleetStart
        {
            Lease = TimeSpan.FromSeconds(2),
            Keys = Keys + MorePages,
            LogOf = _ => cluster.ConnectionString,
            SharedOf = _ => cluster.ConnectionString,
        });
        var told = new TaskCompletionSource();
        var running = FloorRun.RunAsync(fleet, new FloorRunOptions { Seed = Environment.TickCount, During = TimeSpan.Zero, Until = told.Task, Keys = Keys, ReadersPerEdge = 1, Writers = 2, Faults = [] });
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                await FailOverAsync(cluster);
                await PurgesAsync(fleet);
                await IsUsedAsync(fleet);
                await ReshardAsync(cluster);
                await PurgesAsync(fleet);
                await IsUsedAsync(fleet);
            }
        }
        finally
        {
            told.SetResult();
        }
        var report = await running;
        TestContext.Current.SendDiagnosticMessage("{0}", report);
        Assert.True(report is { Violations.Count: 0, WrongBodies.Count: 0, Unanswered: 0, Reads: > 1_000, Hits: > 100, Complete: > 20 }, $"{report}");
    }

    /// <summary>The primary that holds the log, and a third of the shared tier, is killed; and comes back as a replica.</summary>
    private static async Task FailOverAsync(RedisClusterProcess cluster)
    {
        var primary = await cluster.PrimaryOfAsync(Log);
        await primary.KillAsync();
        await cluster.WaitUntilWholeAsync();
        Assert.NotEqual(primary.Port, (await cluster.PrimaryOfAsync(Log)).Port);
        await primary.RestartAsync();
        await cluster.WaitUntilWholeAsync();
    }

    /// <summary>Slots of the shared tier by redis-cli, and that of the log.</summary>
    private static async Task ReshardAsync(RedisClusterProcess cluster)
    {
        var from = await cluster.PrimaryOfAsync(Log);
        var to = await cluster.PrimaryBesideAsync(from);
        await cluster.MoveSlotsAsync(from, to, Slots);
        await cluster.MoveSlotsAsync(to, from, Slots);
        await cluster.MoveSlotOfAsync(Log, to);
        await cluster.WaitUntilWholeAsync();
        Assert.Equal(to.Port, (await cluster.PrimaryOfAsync(Log)).Port);
    }

    /// <summary>One is complete at each edge.</summary>
    private static async Task PurgesAsync(EdgeFleet fleet)
    {
        foreach (var node in fleet.Nodes)
        {
            var last = "";
            await Eventually.TrueAsync(
                async () =>
                {
                    var reply = await node.PurgeAsync(0, timeout: "5s");
                    last = reply.Text;
                    return reply.IsComplete;
                },
                () => $"{node.Id}: {last}");
        }
    }

    /// <summary>What one edge fetches now, the other does not: of several slots.</summary>
    private async Task IsUsedAsync(EdgeFleet fleet)
    {
        await fleet.WaitUntilServingAsync();
        for (var page = 0; page < RedisClusterProcess.Primaries; page++)
            await fleet.SharedPageAsync(() => _nextKey++);
    }
}
