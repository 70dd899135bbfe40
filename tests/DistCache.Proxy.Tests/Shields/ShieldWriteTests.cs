using DistCache.Proxy.Hops;
using DistCache.Proxy.Tests.Hops.Kit;
using DistCache.Storage.Purging;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Shields;

/// <summary>
/// Rule 45: who has written through a node reads what was written there. Until the log has it, the node has no word for what it knows: whom it asked would answer from before the write.
/// </summary>
public sealed class ShieldWriteTests
{
    private const string Fresh = "Cache-Control: max-age=600";

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // a purge of something else has a place that is newer in this node's count, and says nothing of the write
    public async Task After_a_write_the_node_does_not_serve_what_its_shield_still_holds(bool purgesMeanwhile)
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var __ = tiers;
        Pages(tiers);
        Assert.Equal("one", (await edge.GetAsync("/a")).Text);
        await HoldUpWritesAsync(edge);
        await WriteAsync(edge);
        if (purgesMeanwhile)
            await PurgeOtherAsync(shield, edge);
        var after = await edge.GetAsync("/a");
        Assert.Equal(("two", "us-1; fwd=uri-miss; fwd-status=200; ttl=600; stored"), (after.Text, after.Field("Cache-Status")));
        Assert.Equal("one", (await shield.GetAsync("/a")).Text);
        Assert.StartsWith("eu-1; ", (await edge.GetAsync("/b")).Field("Cache-Status")); // of what was not written it can be asked
    }

    [Fact]
    public async Task Once_the_log_has_the_write_the_shield_is_asked_again()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var __ = tiers;
        Pages(tiers);
        await edge.GetAsync("/a");
        await HoldUpWritesAsync(edge);
        await WriteAsync(edge);
        var position = shield.Fleet.Position;
        await tiers.PassAsync(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => shield.Fleet.Position > position && edge.Fleet.Position > position);
        await Eventually.TrueAsync(async () => (await edge.GetAsync("/a?" + Guid.NewGuid())).Field("Cache-Status")!.StartsWith("eu-1; ", StringComparison.Ordinal));
        var after = await edge.GetAsync("/a");
        Assert.Equal("two", after.Text);
        Assert.StartsWith("eu-1; fwd=uri-miss; ", after.Field("Cache-Status"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_write_the_node_does_not_serve_what_the_keys_owner_still_holds(bool purgesMeanwhile)
    {
        await using var tiers = new Tiers();
        (string, string?) partitioned = ("DistCache:Regions:eu:Partition", "true");
        Tier[] edges = [await tiers.StartAsync("eu", "eu-1", partitioned), await tiers.StartAsync("eu", "eu-2", partitioned)];
        await tiers.ReadyAsync();
        Pages(tiers);
        foreach (var edge in edges)
            Assert.Equal("one", (await edge.GetAsync("/a")).Text);
        var (other, owner) = (await edges[0].GetAsync("/a")).Field("Cache-Status")!.Contains(',') ? (edges[0], edges[1]) : (edges[1], edges[0]);
        await HoldUpWritesAsync(other);
        await WriteAsync(other);
        if (purgesMeanwhile)
            await PurgeOtherAsync(owner, other);
        Assert.Equal("two", (await other.GetAsync("/a")).Text);
        Assert.Equal("one", (await owner.GetAsync("/a")).Text);
    }

    private static void Pages(Tiers tiers)
    {
        var version = "one";
        tiers.Origin.Others.Answer(request => Script.Bytes(Answers.Ok(request is { Method: "POST", Target: "/a" } ? version = "two" : version, Fresh)));
    }

    /// <summary>A write's record goes out at once, and the next one a tenth of a second later: not before the clock is moved.</summary>
    private static async Task HoldUpWritesAsync(Tier tier)
    {
        var position = tier.Fleet.Position;
        Assert.Equal(200, (await tier.Edge.RequestAsync("POST", "/other", "Content-Length: 0")).Status);
        await Eventually.TrueAsync(() => tier.Fleet.Position > position);
    }

    private static async Task WriteAsync(Tier tier) => Assert.Equal(200, (await tier.Edge.RequestAsync("POST", "/a", "Content-Length: 0")).Status);

    private static async Task PurgeOtherAsync(Tier by, Tier heardBy)
    {
        await by.PurgeAsync(PurgeMode.Hard, new PurgeSelector(PurgeScope.Url, "http://test/elsewhere"));
        await Eventually.TrueAsync(() => heardBy.Fleet.Position == by.Fleet.Position);
    }
}
