using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>Rule 6, <c>Partition: serve</c>: a node that hears nothing serves on what it holds, and so no purge is complete without it.</summary>
[Collection(FleetCollection.Name)]
public class ServingOnTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task F12_a_node_that_serves_on_is_waited_for_past_its_lease_and_healthz_says_so()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var fleet = await EdgeFleet.StartAsync(new FleetStart
        {
            Lease = Lease,
            Keys = 2,
            Shared = false,
            Environment = new Dictionary<string, string?> { ["DistCache__Policies__default__Partition"] = "serve" },
        });
        var (by, silent) = (fleet["ams-1"], fleet["ams-2"]);
        foreach (var node in fleet.Nodes)
            await node.VersionAsync(0);
        (await by.PurgeAsync(1)).MustBeComplete(); // it has watched for long enough
        var fetches = fleet.Origin.Fetches + fleet.Origin.Validations;
        silent.Isolate(LinkState.HalfOpen);
        fleet.Origin.Bump(0);

        var reply = await by.PurgeAsync(0, timeout: $"{2 * Lease.TotalMilliseconds}ms");
        Assert.True(reply.IsPending, reply.Text);
        var pending = Assert.Single(reply.Json.GetProperty("pending").EnumerateArray());
        Assert.Equal(silent.Id, pending.GetProperty("node").GetString());
        Assert.False(pending.TryGetProperty("leaseEndsIn", out _), reply.Text); // it is waited for without end
        Assert.Equal(1, await silent.VersionAsync(0));
        Assert.Equal(fetches, fleet.Origin.Fetches + fleet.Origin.Validations); // it asked nobody
        Assert.Equal(2, await by.VersionAsync(0));
        using var http = new HttpClient();
        Assert.Contains("purges wait for it without end, for it serves on without a lease", await http.GetStringAsync(new Uri(by.Edge.AdminUrl, "/healthz"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        silent.Mend();
        var receipt = reply;
        await Eventually.TrueAsync(async () => (receipt = await by.ReceiptAsync(reply.Position)).IsComplete, () => receipt.Text);
        Assert.Equal(fleet.Nodes.Select(node => node.Id).Order(), receipt.Applied.Order());
        Assert.Equal(2, await silent.VersionAsync(0));
    }
}
