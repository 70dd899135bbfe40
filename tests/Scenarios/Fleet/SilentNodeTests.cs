using System.Diagnostics;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>F12, F14: a purge while a node is silent is pending and says so, is complete once its lease must be over, and the node serves nothing old when it comes back.</summary>
[Collection(FleetCollection.Name)]
public class SilentNodeTests(OneRegion region)
{
    /// <summary>What a purge may take beyond the lease: the margin, two reads of the members, and a slow machine.</summary>
    private static readonly TimeSpan Beyond = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task F14_a_frozen_node_is_named_then_left_out_and_its_first_answer_is_not_old()
    {
        var fleet = await region.ReadyAsync();
        var (key, silent, by) = (region.NewKey(), fleet["ams-3"], fleet["ams-1"]);
        foreach (var node in fleet.Nodes)
            await node.VersionAsync(key);
        silent.Edge.Process.Send(Signal.Stop);
        try
        {
            await PendingThenCompleteAsync(fleet, key, silent, by);
            await using var client = await silent.Edge.ConnectAsync(); // its kernel accepts
            await client.SendAsync(Requests.Text("GET", VersionedPage.TargetOf(key)));
            silent.Edge.Process.Send(Signal.Continue);
            Assert.Equal(2, Pages.VersionOf(await client.ReadAnswerAsync(), key));
        }
        finally
        {
            silent.Edge.Process.Send(Signal.Continue);
        }
    }

    public static TheoryData<LinkState> States => LongForm.Asked ? [LinkState.HalfOpen, LinkState.Stalled] : [LinkState.HalfOpen];

    [Theory]
    [MemberData(nameof(States))]
    public async Task F12_a_node_that_hears_nothing_is_left_out_and_serves_nothing_old_meanwhile(LinkState state)
    {
        var fleet = await region.ReadyAsync();
        var (key, silent, by) = (region.NewKey(), fleet["ams-2"], fleet["ams-1"]);
        foreach (var node in fleet.Nodes)
            await node.VersionAsync(key);
        silent.Isolate(state);
        await PendingThenCompleteAsync(fleet, key, silent, by);
        Assert.Equal(2, await silent.VersionAsync(key)); // still cut off: it asks the origin
        silent.Mend();
        Assert.Equal(2, await silent.VersionAsync(key));
    }

    private static async Task PendingThenCompleteAsync(EdgeFleet fleet, int key, FleetNode silent, FleetNode by)
    {
        Assert.Equal(2, fleet.Origin.Bump(key));
        var start = Stopwatch.GetTimestamp();
        var reply = await by.PurgeAsync(key, timeout: "500ms");
        Assert.True(reply.IsPending, $"{reply.Status} {reply.Text}");
        Assert.Equal([silent.Id], reply.Pending);
        Assert.Contains("lease", reply.Text, StringComparison.OrdinalIgnoreCase); // when it ends
        var others = fleet.Nodes.Where(node => node != silent).Select(node => node.Id);
        Assert.Equal(others.Order(), reply.Applied.Order());
        foreach (var node in fleet.Nodes.Where(node => node != silent))
            Assert.Equal(2, await node.VersionAsync(key));

        var receipt = reply;
        while (!receipt.IsComplete)
        {
            var waited = Stopwatch.GetElapsedTime(start);
            Assert.True(waited < fleet.Lease + Beyond, $"still pending after {waited}: {receipt.Text}");
            await Task.Delay(50, TestContext.Current.CancellationToken); // another process: it can only be asked
            receipt = await by.ReceiptAsync(reply.Position);
            Assert.Equal(reply.Id, receipt.Id);
        }
    }
}
