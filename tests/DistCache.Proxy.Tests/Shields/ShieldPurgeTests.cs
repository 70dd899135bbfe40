using DistCache.Proxy.Fills;
using DistCache.Proxy.Tests.Hops.Kit;
using DistCache.Storage.Purging;
using DistCache.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Tests.Shields;

/// <summary>Rule 20 of the purge protocol: what is purged does not come back through the shield, whoever knows of it later.</summary>
public sealed class ShieldPurgeTests
{
    private const string Fresh = "Cache-Control: max-age=600";
    private static readonly PurgeSelector A = new(PurgeScope.Url, "http://test/a");

    [Fact]
    public async Task Rule_20_a_shield_that_has_not_heard_yet_looks_at_the_log_first()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh), Answers.Ok("two", Fresh));
        await edge.GetAsync("/a");
        shield.Way.IsDeaf = true;
        await edge.PurgeAsync(PurgeMode.Hard, A);
        Assert.NotEqual(edge.Fleet.Position, shield.Fleet.Position);
        var answer = await edge.GetAsync("/a");
        Assert.Equal("two", answer.Text);
        Assert.StartsWith("eu-1; ", answer.Field("Cache-Status"));
        Assert.Equal(edge.Fleet.Position, shield.Fleet.Position);
        Assert.Equal("two", (await edge.GetAsync("/a")).Text);
        Assert.Equal(2, tiers.Origin.Requests("/a").Count);
    }

    [Fact]
    public async Task Rule_20_a_shield_that_cannot_hear_gives_no_answer_and_the_origin_is_asked()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh), Answers.Ok("two", Fresh));
        await edge.GetAsync("/a");
        shield.Way.IsCut = true;
        await edge.PurgeAsync(PurgeMode.Hard, A);
        var answer = await edge.GetAsync("/a");
        Assert.Equal(("two", "us-1; fwd=uri-miss; fwd-status=200; ttl=600; stored"), (answer.Text, answer.Field("Cache-Status")));
        Assert.Equal("one", (await shield.GetAsync("/a")).Text); // it is within its lease, and the purge is not complete
    }

    [Fact]
    public async Task Rule_20_a_fill_of_the_shield_that_began_before_a_purge_is_nothing_to_who_asks_after_it()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        var gate = new Gate();
        tiers.Origin.On("/a").Answer(new Script().Wait(gate).Then(Answers.Ok("one", Fresh)), Answers.Ok("two", Fresh));
        var before = shield.GetAsync("/a");
        await gate.Reached;
        await edge.PurgeAsync(PurgeMode.Hard, A);
        Assert.Equal("two", (await edge.GetAsync("/a")).Text);
        gate.Open();
        Assert.Equal("one", (await before).Text);
        Assert.Equal(("two", "two"), ((await shield.GetAsync("/a")).Text, (await edge.GetAsync("/a")).Text));
    }

    [Fact]
    public async Task Rule_20_a_purge_that_comes_while_the_shield_is_still_sending_reaches_it()
    {
        var (tiers, _, edge) = await Tiers.StartAsync();
        await using var __ = tiers;
        var gate = new Gate();
        tiers.Origin.On("/a").Answer(new Script().Wait(gate).Then(Answers.Ok("one", Fresh, "Surrogate-Key: red")), Answers.Ok("two", Fresh));
        var before = edge.GetAsync("/a");
        await gate.Reached;
        await edge.PurgeAsync(PurgeMode.Hard, new PurgeSelector(PurgeScope.Tag, "red"));
        gate.Open();
        Assert.Equal("one", (await before).Text); // it came before the purge
        Assert.Equal("two", (await edge.GetAsync("/a")).Text);
    }

    [Fact] // the shield has fetched it after a purge that its asker has learnt of only from the answer
    public async Task Rule_20_where_the_edges_own_position_is_the_smaller_what_is_stored_goes_by_that()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh));
        edge.Way.IsDeaf = true;
        await shield.PurgeAsync(PurgeMode.Hard, A);
        Assert.NotEqual(shield.Fleet.Position, edge.Fleet.Position);
        Assert.StartsWith("eu-1; fwd=uri-miss", (await edge.GetAsync("/a")).Field("Cache-Status"));
        Assert.Equal(shield.Fleet.Position, edge.Fleet.Position);
        Assert.StartsWith("eu-1; hit; ttl=600, us-1; fwd=uri-miss", (await edge.GetAsync("/a")).Field("Cache-Status"));
    }

    [Theory] // what counts is what the asker knows: without that it gets what it has purged
    [InlineData(true, "two")]
    [InlineData(false, "one")]
    public async Task Rule_20_without_the_look_at_the_log_a_node_would_get_what_it_has_purged(bool catchesUp, string got)
    {
        await using var tiers = new Tiers { Rules = new() { CatchesUpForAsker = catchesUp } };
        var (shield, edge) = (await tiers.StartAsync("eu", "eu-1"), await tiers.StartAsync("us", "us-1"));
        await tiers.ReadyAsync();
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh), Answers.Ok("two", Fresh));
        await edge.GetAsync("/a");
        shield.Way.IsCut = true;
        await edge.PurgeAsync(PurgeMode.Hard, A);
        Assert.Equal(got, (await edge.GetAsync("/a")).Text);
    }

    [Theory] // the shield's fill began before a purge, and that selects its answer by a tag that only this edge's policy gives it
    [InlineData(true, "^eu-1; hit; ttl=600, us-1; fwd=uri-miss")]
    [InlineData(false, ", us-1; hit")]
    public async Task Rule_20_where_the_answers_position_is_the_smaller_what_is_stored_goes_by_that(bool smaller, string next)
    {
        await using var tiers = new Tiers { Rules = new() { SmallerAsOf = smaller } };
        var shield = await tiers.StartAsync("eu", "eu-1");
        var edge = await tiers.StartAsync("us", "us-1", ("DistCache:Policies:default:Tags", "site"));
        await tiers.ReadyAsync();
        var gate = new Gate();
        tiers.Origin.On("/a").Answer(new Script().Then(Answers.Head("200 OK", Fresh, "Content-Length: 6")).Then("one").Wait(gate).Then("two"));
        var before = shield.GetAsync("/a");
        await gate.Reached;
        await edge.PurgeAsync(PurgeMode.Hard, new PurgeSelector(PurgeScope.Tag, "site"));
        await using var client = await edge.Edge.ConnectAsync();
        await client.SendAsync("GET /a HTTP/1.1\r\nHost: test\r\n\r\n");
        await client.PeekHeadAsync(); // it reads along
        gate.Open();
        Assert.Equal(("onetwo", "onetwo"), ((await client.ReadAnswerAsync()).Text, (await before).Text));
        Assert.Matches(next, (await edge.GetAsync("/a")).Field("Cache-Status"));
        Assert.Single(tiers.Origin.Requests("/a"));
    }

    [Fact]
    public async Task What_the_edge_cannot_compare_it_does_not_believe_and_asks_no_second_node()
    {
        await using var tiers = new Tiers();
        Tier[] shields = [await tiers.StartAsync("eu", "eu-1"), await tiers.StartAsync("eu", "eu-2")];
        var edge = await tiers.StartAsync("us", "us-1");
        await tiers.ReadyAsync();
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh));
        edge.Way.IsCut = true; // within its lease it serves on, and asks
        await shields[0].PurgeAsync(PurgeMode.Hard, new PurgeSelector(PurgeScope.Url, "http://test/elsewhere"));
        await Eventually.TrueAsync(() => shields.All(shield => shield.Fleet.Position > edge.Fleet.Position));
        Assert.Equal("us-1; fwd=uri-miss; fwd-status=200; ttl=600; stored", (await edge.GetAsync("/a")).Field("Cache-Status"));
        Assert.Equal(2, tiers.Origin.Requests("/a").Count); // one shield's and its own
    }

    [Fact]
    public async Task V12_a_copy_that_a_soft_purge_has_made_stale_is_no_answer_for_a_node_although_clients_may_have_it()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        tiers.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: max-age=600, stale-while-revalidate=600, stale-if-error=600", "ETag: \"1\""), Answers.Ok("two", Fresh, "ETag: \"2\""));
        await shield.GetAsync("/a");
        await edge.PurgeAsync(PurgeMode.Soft, A);
        var answer = await edge.GetAsync("/a");
        Assert.Equal("two", answer.Text);
        Assert.StartsWith("eu-1; fwd=stale", answer.Field("Cache-Status"));
    }

    [Fact]
    public async Task V12_nor_when_the_origin_fails_for_its_fields_do_not_say_that_it_is_stale()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        tiers.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: max-age=600, stale-if-error=600", "ETag: \"1\""), Answers.WithLength("503 Busy", [], Fresh));
        await shield.GetAsync("/a");
        await edge.PurgeAsync(PurgeMode.Soft, A);
        Assert.Equal(503, (await edge.GetAsync("/a")).Status);
        Assert.Equal("one", (await shield.GetAsync("/a")).Text); // its own clients may have it, and are told that it is stale
    }

    [Fact]
    public async Task A_fenced_edge_goes_to_the_origin()
    {
        var (tiers, _, edge) = await Tiers.StartAsync();
        await using var __ = tiers;
        edge.Way.IsCut = true;
        await tiers.PassAsync(TimeSpan.FromSeconds(31));
        Assert.False(edge.Fleet.HoldsLease);
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh));
        Assert.Equal("one", (await edge.GetAsync("/a")).Text);
        Assert.Equal("1.1 us-1", Assert.Single(tiers.Origin.Requests("/a")).Field("Via"));
    }

    [Fact]
    public async Task A_fenced_shield_validates()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        tiers.Origin.On("/a").Answer(request => Script.Bytes(request.Field("If-None-Match") is null ? Answers.Ok("one", Fresh, "ETag: \"1\"") : Answers.Head("304 Not Modified", Fresh, "ETag: \"1\"")));
        await shield.GetAsync("/a");
        shield.Way.IsCut = true;
        await tiers.PassAsync(TimeSpan.FromSeconds(3)); // the edge takes it for live for five beats, and it keeps its lease
        shield.Fleet.Lease.GiveUp();
        Assert.Equal("one", (await edge.GetAsync("/a")).Text);
        Assert.Equal(["1.1 eu-1", "1.1 us-1, 1.1 eu-1"], tiers.Origin.Requests("/a").Select(request => request.Field("Via")));
        Assert.Equal("\"1\"", tiers.Origin.Requests("/a")[1].Field("If-None-Match"));
    }

    [Fact]
    public async Task A_node_alone_has_no_place_in_a_log_that_others_know_and_is_given_nothing()
    {
        // The edge follows another log than the shield; its rows were put there by hand.
        await using var tiers = new Tiers();
        var shield = await tiers.StartAsync("eu", "eu-1");
        await using var others = new Tiers();
        var edge = await others.StartAsync("us", "us-1");
        await others.StartAsync("eu", "eu-1", ("DistCache:Node:DataAddress", $"http://127.0.0.1:{shield.Edge.Port}"));
        await tiers.ReadyAsync();
        await others.ReadyAsync();
        others.Origin.On("/a").Answer(Answers.Ok("one", Fresh));
        Assert.Equal("us-1; fwd=uri-miss; fwd-status=200; ttl=600; stored", (await edge.GetAsync("/a")).Field("Cache-Status"));
        Assert.Empty(tiers.Origin.Log.All);
        Assert.Equal(0, shield.Edge.Services.GetRequiredService<FillServices>().UnderWay);
    }
}
