using System.Net;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>Whose word a purge waits for (<c>wait: none|region|all</c>) while nodes are cut off, and what becomes of its receipt when the log has lost it.</summary>
[Collection(FleetCollection.Name)]
public sealed class WaitTests(TwoRegions regions) : IClassFixture<TwoRegions>
{
    [Fact]
    public async Task A_region_answers_for_itself_and_only_all_wait_for_the_one_that_is_cut_off()
    {
        var fleet = await ReadyAsync();
        var (by, key) = (fleet["ams-1"], regions.NewKey());
        foreach (var node in fleet.Nodes)
            await node.VersionAsync(key);
        foreach (var node in (FleetNode[])[fleet["nyc-1"], fleet["nyc-2"]])
            node.Isolate(LinkState.HalfOpen);
        fleet.Origin.Bump(key);

        var region = await by.PurgeAsync(Body(key, "region"));
        Assert.Equal((HttpStatusCode.OK, "region"), (region.Status, StatusOf(region)));
        Assert.Equal(["ams-1", "ams-2"], region.Applied.Order());
        Assert.Equal(["nyc-1", "nyc-2"], region.Pending.Order());
        Assert.Equal((2, 2), (await by.VersionAsync(key), await fleet["ams-2"].VersionAsync(key)));
        Assert.Equal("region", (await by.AdminAsync($"/api/v1/purges/{region.Position}?wait=region")).GetProperty("status").GetString());
        Assert.Equal("pending", StatusOf(await by.ReceiptAsync(region.Position))); // it is asked for all

        // It would be complete if it waited: nobody has to be waited for longer than a lease.
        var none = await by.PurgeAsync(Body(key, "none"));
        Assert.True(none.IsPending && none.Pending.Count >= 2, none.Text);
        var all = await by.PurgeAsync(Body(key, "all", "1s"));
        Assert.True(all.IsPending, all.Text);
        Assert.Equal(["nyc-1", "nyc-2"], all.Pending.Order());
        fleet.Mend();
        await fleet.WaitUntilServingAsync();
        (await by.PurgeAsync(key)).MustBeComplete();
        Assert.True((await by.ReceiptAsync(none.Position)).Json.GetProperty("status").GetString() == "complete");
    }

    [Fact]
    public async Task A_region_is_not_done_while_one_of_its_own_nodes_is_cut_off()
    {
        var fleet = await ReadyAsync();
        fleet["ams-2"].Isolate(LinkState.HalfOpen);
        var reply = await fleet["ams-1"].PurgeAsync(Body(regions.NewKey(), "region", "1s"));
        Assert.True(reply.IsPending, reply.Text);
        Assert.Equal(["ams-2"], reply.Pending);
        Assert.Equal("pending", (await fleet["ams-1"].AdminAsync($"/api/v1/purges/{reply.Position}?wait=region")).GetProperty("status").GetString());
    }

    [Fact] // rules 1 and 9, V4
    public async Task A_purge_that_the_log_has_lost_is_superseded_at_its_position_and_holds_at_another()
    {
        var fleet = await ReadyAsync();
        var (by, other, key) = (fleet["ams-1"], fleet["nyc-1"], regions.NewKey());
        foreach (var node in fleet.Nodes)
            await node.VersionAsync(key);
        foreach (var node in fleet.Nodes.Where(node => node != by))
            node.Log.Cut(); // nobody but it hears of the purge
        await Eventually.TrueAsync(async () => !await IsReachedAsync(other));
        fleet.Origin.Bump(key);
        var lost = await by.PurgeAsync(Body(key, "none"));
        Assert.True(lost.IsPending, lost.Text);
        by.Log.Cut();
        Assert.Equal("1", await fleet.Log.CommandAsync("ZREMRANGEBYRANK", "dc1:{purges}:log", "-1", "-1"));
        other.Mend();
        await Eventually.TrueAsync(() => IsReachedAsync(other));
        var next = await other.PurgeAsync(new { tags = new[] { "nobody-has-it" }, wait = "none" });
        Assert.Equal(lost.Position, next.Position);
        Assert.NotEqual(lost.Id, next.Id);

        fleet.Mend();
        PurgeReply? receipt = null;
        await Eventually.TrueAsync(async () => StatusOf(receipt = await by.ReceiptAsync(lost.Position)) == "superseded", () => receipt?.Text ?? "");
        Assert.Equal(lost.Id, receipt!.Id);
        Assert.Equal(next.Id, (await other.ReceiptAsync(lost.Position)).Id);
        await fleet.WaitUntilServingAsync();
        await Eventually.TrueAsync(async () => (await other.ReceiptAsync(lost.Position + 1)).Text.Contains(lost.Id, StringComparison.Ordinal)); // put back
        await Eventually.TrueAsync(async () => StatusOf(receipt = await other.ReceiptAsync(lost.Position + 1)) == "complete", () => receipt!.Text);
        foreach (var node in fleet.Nodes)
            Assert.Equal(2, await node.VersionAsync(key));
    }

    private static object Body(int key, string wait, string timeout = "1m") => new { tags = new[] { $"k-{key}" }, wait, timeout };

    private static string? StatusOf(PurgeReply reply) => reply.Json.TryGetProperty("status", out var status) ? status.ToString() : null;

    /// <summary>The log is, from there: <c>/healthz</c> says when it does not answer.</summary>
    private static async Task<bool> IsReachedAsync(FleetNode node)
    {
        using var http = new HttpClient();
        return !(await http.GetStringAsync(new Uri(node.Edge.AdminUrl, "/healthz"), TestContext.Current.CancellationToken)).Contains("does not answer", StringComparison.Ordinal);
    }

    /// <summary>The node that is asked has watched the others for long enough to answer for them.</summary>
    private async Task<EdgeFleet> ReadyAsync()
    {
        var fleet = await regions.ReadyAsync();
        (await fleet["ams-1"].PurgeAsync(regions.NewKey())).MustBeComplete();
        return fleet;
    }
}
