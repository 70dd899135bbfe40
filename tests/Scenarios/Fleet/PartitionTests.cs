using System.Diagnostics;
using System.Globalization;
using DistCache.Scenarios.Faults;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>
/// F12 as the network does it: the stores stand in a network namespace, with a wire to each edge. What is sent over a wire that is cut vanishes; nobody
/// is told.
/// </summary>
[Collection(FleetCollection.Name)]
public class PartitionTests
{
    private const int Pages = 6;

    /// <summary>What a purge may take beyond lease and margin on a slow machine.</summary>
    private static readonly TimeSpan Beyond = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Beat = Lease / 5;

    [Fact]
    public async Task F12_an_edge_whose_packets_vanish_is_waited_for_until_its_lease_is_over_then_validates_and_catches_up_when_it_is_healed()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        var (there, missing) = await NetworkNamespace.TryCreateAsync(wires: 3);
        Assert.SkipWhen(there is null, missing);
        await using var network = there;
        await using var store = await RedisProcess.StartAsync(new RedisStart { AppendOnly = true, Namespace = there });
        await using var fleet = await EdgeFleet.StartAsync(new FleetStart
        {
            Lease = Lease,
            Keys = Pages,
            LogOf = StoreOf,
            SharedOf = StoreOf,
        });
        var (near, cut) = (fleet["ams-1"], fleet["ams-2"]);
        foreach (var node in fleet.Nodes)
            for (var key = 0; key < Pages; key++)
                Assert.Equal(1, await node.VersionAsync(key));
        await using var load = new SteadyLoad(2, () => cut.Edge.ConnectAsync(), (_, i) => VersionedPage.TargetOf(i % Pages), answer => answer is { Status: 200, EndedCleanly: true });

        await there.CutAsync(WireOf(1));
        var start = Stopwatch.GetTimestamp();
        fleet.Origin.Bump(0);
        var reply = await near.PurgeAsync(0, timeout: "200ms");
        Assert.True(reply.IsPending, $"{reply.Status} {reply.Text}");
        Assert.Equal([cut.Id], reply.Pending);
        Assert.Equal([near.Id], reply.Applied);
        Assert.Equal(2, await near.VersionAsync(0));
        var waited = await CompleteAsync(near, reply, start);
        Assert.InRange(waited, Lease - Beat, Lease + (Lease / 20) + Beyond);
        fleet.Origin.Bump(1);
        (await near.PurgeAsync(1)).MustBeComplete(); // from now on nobody waits for it

        Assert.Equal((2L, 2L), (await cut.VersionAsync(0), await cut.VersionAsync(1)));
        var validated = await cut.ReadAsync(2); // it has that, and nobody has purged it
        Assert.Contains("fwd=", validated.Field("Cache-Status"));

        await there.HealAsync(WireOf(1));
        var healed = Stopwatch.GetTimestamp();
        await fleet.WaitUntilServingAsync();
        TestContext.Current.SendDiagnosticMessage("complete after {0}; serves on its own {1} after the wire was healed", waited, Stopwatch.GetElapsedTime(healed));
        for (var key = 0; key < Pages; key++)
            Assert.Equal(fleet.Origin.VersionOf(key), await cut.VersionAsync(key));
        fleet.Origin.Bump(2);
        var after = (await near.PurgeAsync(2)).MustBeComplete();
        Assert.Equal([near.Id, cut.Id], after.Applied.Order());
        Assert.Equal(2, await cut.VersionAsync(2));
        await load.StopAsync();
        Assert.Empty(load.Failures);

        string StoreOf(int node) => string.Create(CultureInfo.InvariantCulture, $"{there.AddressOf(WireOf(node))}:{store.Port}");
    }

    /// <summary>The first is the test's own.</summary>
    private static int WireOf(int node) => node + 1;

    private static async Task<TimeSpan> CompleteAsync(FleetNode by, PurgeReply purge, long start)
    {
        while (!(await by.ReceiptAsync(purge.Position)).IsComplete)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Lease + Beyond + Beyond, "still pending");
            await Task.Delay(20, TestContext.Current.CancellationToken); // another process: it can only be asked
        }
        return Stopwatch.GetElapsedTime(start);
    }
}
