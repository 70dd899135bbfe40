using DistCache.Proxy.Tests.Kit;
using DistCache.Storage.Purging;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Shared;

/// <summary>P7: one fetch per key per region, whatever the crowd.</summary>
public sealed class RegionalLeaseTests
{
    private const string Fresh = "Cache-Control: max-age=60";

    [Fact]
    public async Task A_crowd_on_three_edges_costs_the_origin_one_request()
    {
        await using var region = new Region();
        EdgeInProcess[] edges = [await region.StartEdgeAsync(), await region.StartEdgeAsync(), await region.StartEdgeAsync()];
        var gate = new Gate();
        region.Origin.On("/a").Answer(new Script().Wait(gate).Then(Answers.Ok("one", Fresh)));
        var crowd = Task.WhenAll(Enumerable.Range(0, 60).Select(i => edges[i % 3].GetAsync("/a")));
        await gate.Reached;
        region.Time.Advance(TimeSpan.FromSeconds(1));
        gate.Open();
        Assert.All(await region.WhileTimePassesAsync(crowd), answer => Assert.Equal("one", answer.Text));
        Assert.Equal(1, region.Fetches("/a"));
        Assert.Empty(region.Store.Leases);
    }

    [Fact]
    public async Task A_crowd_on_a_stale_copy_costs_one_validation()
    {
        await using var region = new Region();
        EdgeInProcess[] edges = [await region.StartEdgeAsync(), await region.StartEdgeAsync(), await region.StartEdgeAsync()];
        var gate = new Gate();
        region.Origin.On("/a").Answer(
            new Script().Then(Answers.Ok("one", Fresh, "ETag: \"1\"")),
            new Script().Wait(gate).Then("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nCache-Control: max-age=60\r\n\r\n"));
        await edges[0].GetAsync("/a");
        await region.WrittenAsync(edges[0]);
        region.Time.Advance(TimeSpan.FromSeconds(90));
        var crowd = Task.WhenAll(Enumerable.Range(0, 30).Select(i => edges[i % 3].GetAsync("/a")));
        await gate.Reached;
        gate.Open();
        Assert.All(await region.WhileTimePassesAsync(crowd), answer => Assert.Equal("one", answer.Text));
        Assert.Equal(2, region.Fetches("/a"));
    }

    [Fact]
    public async Task When_the_holder_dies_one_other_asks()
    {
        await using var region = new Region();
        EdgeInProcess[] edges = [await region.StartEdgeAsync(), await region.StartEdgeAsync(), await region.StartEdgeAsync()];
        var never = new Gate();
        region.Origin.On("/a").Answer(new Script().Wait(never).Then(Answers.Ok("late", Fresh)), new Script().Then(Answers.Ok("one", Fresh)));
        var dying = edges[0].GetAsync("/a");
        await never.Reached;
        // It dies: its lease is renewed no more, its fetch never ends.
        var lease = region.Store.Leases.Single();
        var others = Task.WhenAll(Enumerable.Range(0, 20).Select(i => edges[1 + (i % 2)].GetAsync("/a")));
        region.Store[lease] = Latin1.Bytes("H.0123456789abcdef." + region.Log.Id.ToString("x") + ".0.0"); // another's by now: the renewal stops
        Assert.All(await region.WhileTimePassesAsync(others), answer => Assert.Equal("one", answer.Text));
        Assert.Equal(2, region.Fetches("/a"));
        never.Open();
        await dying;
    }

    [Fact]
    public async Task Nobody_waits_for_an_answer_that_cannot_be_shared()
    {
        await using var region = new Region();
        EdgeInProcess[] edges = [await region.StartEdgeAsync(), await region.StartEdgeAsync(), await region.StartEdgeAsync()];
        var all = new Gate();
        region.Origin.On("/mine").Answer(new Script().Then(Answers.Ok("mine", "Cache-Control: no-store")), new Script().Wait(all).Then(Answers.Ok("mine", "Cache-Control: no-store")));
        await edges[0].GetAsync("/mine");
        await Eventually.TrueAsync(() => Task.FromResult(region.Store.Leases.Any()));
        var crowd = Task.WhenAll(edges.Select(edge => edge.GetAsync("/mine")));
        await Eventually.TrueAsync(() => Task.FromResult(region.Fetches("/mine") == 4)); // side by side: the clock stands
        all.Open();
        Assert.All(await crowd, answer => Assert.Equal("mine", answer.Text));
    }

    [Fact] // L5
    public async Task Who_knows_a_purge_that_overtakes_the_holder_does_not_wait_for_it()
    {
        await using var region = new Region();
        var (a, b) = (await region.StartEdgeAsync(), await region.StartEdgeAsync());
        var gate = new Gate();
        region.Origin.On("/a").Answer(new Script().Wait(gate).Then(Answers.Ok("old", Fresh)), new Script().Then(Answers.Ok("new", Fresh)));
        var first = a.GetAsync("/a");
        await gate.Reached;
        region.Purge(PurgeMode.Hard, PurgeSelector.Everything);
        Assert.Equal("new", (await b.GetAsync("/a")).Text); // the clock stands: it has not waited
        gate.Open();
        Assert.Equal("old", (await first).Text); // asked before the purge
        await region.WrittenAsync(a);
        var c = await region.StartEdgeAsync();
        region.Purge(PurgeMode.Hard, new PurgeSelector(PurgeScope.Tag, "elsewhere"));
        Assert.Equal("new", (await c.GetAsync("/a")).Text);
        Assert.Equal("new", (await a.GetAsync("/a")).Text);
    }

    [Fact]
    public async Task A_wait_has_its_bound()
    {
        await using var region = new Region();
        var (a, b) = (await region.StartEdgeAsync(), await region.StartEdgeAsync());
        var gate = new Gate();
        region.Origin.On("/slow").Answer(new Script().Wait(gate).Then(Answers.Ok("one", Fresh)), new Script().Then(Answers.Ok("two", Fresh)));
        var first = a.GetAsync("/slow");
        await gate.Reached;
        Assert.Equal("two", (await region.WhileTimePassesAsync(b.GetAsync("/slow"))).Text);
        gate.Open();
        await first;
    }
}
