using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>Rule 22: what a write through one edge makes invalid, every edge forgets, also where nobody knows whether the origin has done it.</summary>
[Collection(FleetCollection.Name)]
public class WriteTests(OneRegion region)
{
    [Fact]
    public async Task A_POST_at_one_edge_is_seen_at_all_others()
    {
        var (fleet, key) = await StoredAsync();
        fleet.Origin.Bump(key);
        Assert.Equal(1, await fleet["ams-2"].VersionAsync(key)); // no edge knows of it before
        Assert.Equal(200, (await PostAsync(fleet["ams-1"], key)).Status);
        await NewEverywhereAsync(fleet, key);
    }

    [Fact]
    public async Task A_POST_whose_origin_died_with_it_is_taken_to_have_been_done()
    {
        var (fleet, key) = await StoredAsync();
        var one = fleet["ams-1"];
        var gate = fleet.Origin.Gate = new Gate();
        var post = PostAsync(one, key);
        await gate.Reached;
        fleet.Origin.Gate = null;
        fleet.Origin.Bump(key);
        one.Origin.Cut(); // the answer is lost
        Assert.Equal(502, (await post).Status);
        gate.Open();
        one.Origin.Mend();
        await NewEverywhereAsync(fleet, key);
        Assert.Equal(1, fleet.Origin.Log.For(VersionedPage.TargetOf(key)).Count(request => request.Method == "POST"));
    }

    private static async Task<RawAnswer> PostAsync(FleetNode node, int key)
    {
        await using var client = await node.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("POST", VersionedPage.TargetOf(key), "Content-Length: 0"));
        return await client.ReadAnswerAsync();
    }

    /// <summary>At the edge itself from the answer on, and at the others a moment later: nobody waits for them.</summary>
    private static async Task NewEverywhereAsync(EdgeFleet fleet, int key)
    {
        Assert.Equal(2, await fleet["ams-1"].VersionAsync(key));
        foreach (var node in fleet.Nodes)
            await Eventually.TrueAsync(async () => await node.VersionAsync(key) == 2);
    }

    private async Task<(EdgeFleet Fleet, int Key)> StoredAsync()
    {
        var (fleet, key) = (await region.ReadyAsync(), region.NewKey());
        foreach (var node in fleet.Nodes)
            Assert.Equal(1, await node.VersionAsync(key));
        return (fleet, key);
    }
}
