using System.Diagnostics;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>
/// P2, F11: kill -9 at a random moment of an edge, of the coordinator in the middle of a purge, of the purge log, of the shared tier: every acknowledged
/// purge holds. Long form: 200 kills.
/// </summary>
[Collection(FleetCollection.Name)]
public class KillTests
{
    private static readonly int Kills = LongForm.Asked ? 200 : 8;

    /// <summary>Of purges in whose middle somebody dies: fewer, and what is acknowledged would be tested too rarely to say anything.</summary>
    private const double LeastAcknowledged = 0.25;

    private static readonly TimeSpan MostUsual = TimeSpan.FromMilliseconds(100);

    /// <summary>The last page, of which nobody asks whether it is old.</summary>
    private const int Spare = 3;

    private enum Victim
    {
        OtherEdge,
        Coordinator,
        Log,
        SharedTier,
    }

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
            Keys = Spare + 1,
            LogAppendOnly = logAppendOnly,
        });
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var kills = logAppendOnly ? Kills : Kills / 2;
        var (killed, acknowledged) = (new List<Victim>(), new List<Victim>());
        var deck = new Queue<Victim>();
        while (killed.Count < kills) // at a random moment, which is the point: before the purge is complete as often as after
            await KillAtAsync(Deal(deck, random), (_, usual) => Task.Delay(2 * usual * random.NextDouble(), TestContext.Current.CancellationToken));
        Assert.True(acknowledged.Count >= LeastAcknowledged * killed.Count, Counts());
        // And one of each kind beside a purge that was acknowledged: right behind that, where no random moment was late enough.
        foreach (var lacking in Enum.GetValues<Victim>().Except(acknowledged).ToArray())
            await KillAtAsync(lacking, static (purging, _) => purging);
        TestContext.Current.SendDiagnosticMessage("{0}", Counts());
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
        Assert.True(acknowledged.Distinct().Count() == Enum.GetValues<Victim>().Length, Counts());

        async Task KillAtAsync(Victim victim, Func<Task, TimeSpan, Task> moment)
        {
            killed.Add(victim);
            if (await KillInAPurgeAsync(fleet, victim, moment, random, $"seed {seed}, kill {killed.Count}"))
                acknowledged.Add(victim);
        }

        string Counts() => $"seed {seed}: " + string.Join(", ", Enum.GetValues<Victim>().Select(kind =>
            $"{kind} {killed.Count(one => one == kind)} killed, {acknowledged.Count(one => one == kind)} purges acknowledged"));
    }

    /// <returns>The purge was acknowledged, and every edge has shown what it promises, before the dead one was back and after.</returns>
    private static async Task<bool> KillInAPurgeAsync(EdgeFleet fleet, Victim victim, Func<Task, TimeSpan, Task> moment, Random random, string kill)
    {
        var key = random.Next(Spare);
        var coordinator = fleet.Nodes[random.Next(fleet.Nodes.Count)];
        var usual = await UsualTimeAsync(coordinator);
        foreach (var node in fleet.Nodes)
            await node.VersionAsync(key);
        var version = fleet.Origin.Bump(key);
        var purging = TryPurgeAsync(coordinator, key);
        await moment(purging, usual);
        var restart = await KillAsync(fleet, victim, coordinator, random);
        var isAcknowledged = await purging;
        if (isAcknowledged)
            await SeenEverywhereAsync(fleet, key, version, kill);
        await restart();
        if (isAcknowledged)
            await SeenEverywhereAsync(fleet, key, version, kill);
        return isAcknowledged;
    }

    /// <summary>What a purge takes here once whoever died last is back for everybody: who was started a moment ago, or has lost the log, calls nothing complete for a while.</summary>
    private static async Task<TimeSpan> UsualTimeAsync(FleetNode coordinator)
    {
        await Eventually.TrueAsync(() => TryPurgeAsync(coordinator, Spare));
        var start = Stopwatch.GetTimestamp();
        await TryPurgeAsync(coordinator, Spare);
        var taken = Stopwatch.GetElapsedTime(start);
        return taken < MostUsual ? taken : MostUsual;
    }

    /// <summary>In random order, each kind as often as the others.</summary>
    private static Victim Deal(Queue<Victim> deck, Random random)
    {
        if (deck.Count == 0)
        {
            var kinds = Enum.GetValues<Victim>();
            random.Shuffle(kinds);
            foreach (var kind in kinds)
                deck.Enqueue(kind);
        }
        return deck.Dequeue();
    }

    /// <returns>Starts it again.</returns>
    private static async Task<Func<Task>> KillAsync(EdgeFleet fleet, Victim victim, FleetNode coordinator, Random random)
    {
        switch (victim)
        {
            case Victim.OtherEdge:
                var others = fleet.Nodes.Where(node => node != coordinator).ToArray();
                var other = others[random.Next(others.Length)];
                await other.Edge.KillAsync();
                return other.Edge.RestartAsync;
            case Victim.Coordinator:
                await coordinator.Edge.KillAsync();
                return coordinator.Edge.RestartAsync;
            case Victim.Log:
                await fleet.Log.KillAsync();
                return fleet.Log.RestartAsync;
            default:
                var shared = fleet.Shared.Values.Single();
                await shared.KillAsync();
                return shared.RestartAsync;
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

    private static async Task SeenEverywhereAsync(EdgeFleet fleet, int key, long version, string kill)
    {
        foreach (var node in fleet.Nodes.Where(node => !node.Edge.Process.HasExited))
            Assert.True(await node.VersionAsync(key) >= version, $"{kill}: {node.Id} serves what was purged");
    }
}
