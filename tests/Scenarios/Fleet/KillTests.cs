using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>P2, F11: kill -9 at a random moment of an edge, of the coordinator in the middle of a purge, of the purge log: every acknowledged purge holds. Long form: 200 kills.</summary>
[Collection(FleetCollection.Name)]
public class KillTests
{
    private static readonly int Kills = LongForm.Asked ? 200 : 9;

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // The log forgets everything each time: its followers tell it again.
    public async Task P2_every_acknowledged_purge_survives_kills_at_random_moments(bool logAppendOnly)
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var fleet = await EdgeFleet.StartAsync(new FleetStart
        {
            EdgesPerRegion = 3,
            Lease = TimeSpan.FromSeconds(2),
            Keys = 4,
            LogAppendOnly = logAppendOnly,
        });
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var (purged, kills) = (0, logAppendOnly ? Kills : Kills / 3);
        for (var kill = 0; kill < kills; kill++)
        {
            var key = random.Next(4);
            foreach (var node in fleet.Nodes)
                await node.VersionAsync(key);
            var version = fleet.Origin.Bump(key);
            var coordinator = fleet.Nodes[random.Next(3)];
            var purging = TryPurgeAsync(coordinator, key);
            await Task.Delay(random.Next(20), TestContext.Current.CancellationToken); // a random moment is the point
            var restart = await KillAsync(fleet, kill, coordinator);
            var acknowledged = await purging;
            purged += acknowledged ? 1 : 0;
            if (acknowledged)
                await SeenEverywhereAsync(fleet, key, version, seed, kill);
            await restart();
            if (acknowledged)
                await SeenEverywhereAsync(fleet, key, version, seed, kill);
        }

        // Whoever was killed, purges go through again: at once, or, while a connection to the log is not made anew yet, when asked again as the 503 says.
        await fleet.WaitUntilServingAsync();
        fleet.Origin.Bump(0);
        var last = "";
        await Eventually.TrueAsync(
            async () =>
            {
                var reply = await fleet.Nodes[0].PurgeAsync(0);
                last = reply.Text;
                Assert.True(reply.IsComplete || (int)reply.Status == 503, $"seed {seed}: {last}");
                return reply.IsComplete;
            },
            () => $"seed {seed}: {last}");
        Assert.True(purged > 0, $"seed {seed}: no purge was acknowledged");
    }

    /// <returns>Starts it again.</returns>
    private static async Task<Func<Task>> KillAsync(EdgeFleet fleet, int kill, FleetNode coordinator)
    {
        var other = fleet.Nodes.First(node => node != coordinator);
        switch (kill % 3)
        {
            case 0:
                await other.Edge.KillAsync();
                return other.Edge.RestartAsync;
            case 1:
                await coordinator.Edge.KillAsync();
                return coordinator.Edge.RestartAsync;
            default:
                await fleet.Log.KillAsync();
                return fleet.Log.RestartAsync;
        }
    }

    private static async Task<bool> TryPurgeAsync(FleetNode node, int key)
    {
        try
        {
            return (await node.PurgeAsync(key, timeout: "5s")).IsComplete;
        }
        catch (WireException)
        {
            return false; // Killed before it could answer: nobody has acknowledged anything.
        }
    }

    private static async Task SeenEverywhereAsync(EdgeFleet fleet, int key, long version, int seed, int kill)
    {
        foreach (var node in fleet.Nodes.Where(node => !node.Edge.Process.HasExited))
            Assert.True(await node.VersionAsync(key) >= version, $"seed {seed}, kill {kill}: {node.Id} serves what was purged");
    }
}
