using DistCache.Proxy.Explaining;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Hops;
using DistCache.Proxy.Tests.Hops.Kit;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;
using DistCache.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Tests.Peers;

/// <summary>The edges of one region share out the keys among themselves.</summary>
public sealed class PartitionTests
{
    private const string Fresh = "Cache-Control: max-age=60";
    private static readonly (string, string?) Partitioned = ("DistCache:Regions:eu:Partition", "true");

    [Fact]
    public async Task One_edge_fetches_and_keeps_a_key_for_all_so_that_two_hold_twice_as_much()
    {
        await using var tiers = new Tiers();
        Tier[] edges = [await tiers.StartAsync("eu", "eu-1", Partitioned), await tiers.StartAsync("eu", "eu-2", Partitioned)];
        await tiers.ReadyAsync();
        tiers.Origin.Others.Answer(request => Script.Bytes(Answers.Ok(request.Target, Fresh)));
        for (var i = 0; i < 40; i++)
            foreach (var edge in edges)
                Assert.Equal($"/{i}", (await edge.GetAsync($"/{i}")).Text);
        Assert.Equal(40, tiers.Origin.Log.All.Count);
        await Eventually.TrueAsync(() => edges.Sum(edge => edge.Edge.Memory.Count) == 40);
        Assert.All(edges, edge => Assert.InRange(edge.Edge.Memory.Count, 8, 32));
    }

    [Fact]
    public async Task Who_does_not_keep_a_key_says_so_and_keeps_it_too_from_the_third_ask_on()
    {
        var (tiers, owner, other) = await OwnedAsync("/a");
        await using var _ = tiers;
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh, "Surrogate-Key: red"), Answers.Ok("two", Fresh));
        Assert.Equal($"{owner.Fleet.Options.Node}; fwd=uri-miss; fwd-status=200; ttl=60; stored, {Name(other)}; fwd=uri-miss; fwd-status=200; ttl=60", (await other.GetAsync("/a")).Field("Cache-Status"));
        Assert.Equal($"{Name(owner)}; hit; ttl=60, {Name(other)}; fwd=uri-miss; fwd-status=200; ttl=60", (await other.GetAsync("/a")).Field("Cache-Status"));
        Assert.EndsWith("ttl=60; stored", (await other.GetAsync("/a")).Field("Cache-Status"));
        await Eventually.TrueAsync(async () => (await other.GetAsync("/a")).Field("Cache-Status")!.EndsWith($"{Name(other)}; hit; ttl=60", StringComparison.Ordinal));
        Assert.Single(tiers.Origin.Requests("/a"));
        // And it is purged in both.
        await other.PurgeAsync(PurgeMode.Hard, new PurgeSelector(PurgeScope.Tag, "red"));
        Assert.Equal(("two", "two"), ((await other.GetAsync("/a")).Text, (await owner.GetAsync("/a")).Text));
    }

    [Fact]
    public async Task An_owner_that_does_not_answer_is_passed_over()
    {
        var (tiers, owner, other) = await OwnedAsync("/a");
        await using var _ = tiers;
        tiers.Origin.Others.Answer(Answers.Ok("one", Fresh));
        await owner.Edge.DisposeAsync();
        Assert.Equal($"{Name(other)}; fwd=uri-miss; fwd-status=200; ttl=60; stored", (await other.GetAsync("/a")).Field("Cache-Status"));
    }

    [Fact]
    public async Task A_request_crosses_a_region_once_also_where_two_do_not_agree_on_who_keeps_a_key()
    {
        var (tiers, owner, other) = await OwnedAsync("/a");
        await using var _ = tiers;
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh));
        // Somebody takes the other one for the owner, as one would whose view of the region is another.
        var explainer = (IExplainer)other.Edge.Services.GetService(typeof(IExplainer))!;
        Assert.Equal(Name(owner), (await explainer.ExplainAsync("http://test/a", "GET", [], client: "", false, TestContext.Current.CancellationToken)).Explanation!.Owner);
        var hop = PeerHop(tiers, other, "/a");
        var answer = await other.GetAsync("/a", $"DistCache-Hop: {hop.Write("GET", "/a")}", "CDN-Loop: third");
        Assert.Equal((200, $"{Name(other)}; fwd=uri-miss; fwd-status=200; ttl=60; stored"), (answer.Status, answer.Field("Cache-Status")));
        Assert.Single(tiers.Origin.Requests("/a"));
    }

    [Fact]
    public async Task Two_that_take_each_other_for_the_owner_do_not_wait_for_each_other()
    {
        var (tiers, _, other) = await OwnedAsync("/a");
        await using var __ = tiers;
        var gate = new Gate();
        tiers.Origin.On("/a").Answer(new Script().Wait(gate).Then(Answers.Ok("one", Fresh)), Answers.Ok("two", Fresh));
        var waiting = other.GetAsync("/a"); // for the owner
        await gate.Reached;
        var hop = PeerHop(tiers, other, "/a");
        Assert.Equal("two", (await other.GetAsync("/a", $"DistCache-Hop: {hop.Write("GET", "/a")}", "CDN-Loop: third")).Text);
        gate.Open();
        Assert.Equal("one", (await waiting).Text);
    }

    [Fact]
    public async Task Nor_does_one_that_asks_wait_for_a_turn_behind_two_fills_that_may_wait_for_it()
    {
        var (tiers, _, other) = await OwnedAsync("/a");
        await using var __ = tiers;
        Gate[] gates = [new(), new()];
        tiers.Origin.On("/a").Answer(new Script().Wait(gates[0]).Then(Answers.Ok("one", Fresh)), new Script().Wait(gates[1]).Then(Answers.Ok("two", Fresh)), Answers.Ok("three", Fresh));
        var first = other.GetAsync("/a");
        await gates[0].Reached;
        await other.PurgeAsync(PurgeMode.Hard, new PurgeSelector(PurgeScope.Url, "http://test/a"));
        var second = other.GetAsync("/a"); // nobody who comes after the purge may have the first one's
        await gates[1].Reached;
        var hop = PeerHop(tiers, other, "/a");
        Assert.Equal("three", (await other.GetAsync("/a", $"DistCache-Hop: {hop.Write("GET", "/a")}", "CDN-Loop: third")).Text);
        foreach (var gate in gates)
            gate.Open();
        Assert.Equal(("one", "two"), ((await first).Text, (await second).Text));
    }

    [Fact]
    public async Task What_the_owner_gave_is_written_to_the_shared_tier_by_the_owner_alone()
    {
        var (tiers, owner, other) = await OwnedAsync("/a", hasStores: true);
        await using var _ = tiers;
        tiers.Origin.On("/a").Answer(request => request.Field("If-None-Match") is null
            ? Script.Bytes(Answers.Ok("one", Fresh, "ETag: \"1\""))
            : Script.Bytes(Answers.Head("304 Not Modified", Fresh, "ETag: \"1\"")));
        for (var i = 0; i < 3; i++)
            Assert.Equal("one", (await other.GetAsync("/a")).Text);
        Assert.EndsWith($"{Name(other)}; hit; ttl=60", (await other.GetAsync("/a")).Field("Cache-Status")); // kept in memory from the third ask on
        await WrittenAsync(owner); // until then the lease of its first fill is held, and the clock stands
        await tiers.PassAsync(TimeSpan.FromSeconds(61));
        Assert.Contains("fwd=stale", (await other.GetAsync("/a")).Field("Cache-Status")); // and freshened
        await WrittenAsync(owner);
        await WrittenAsync(other);
        Assert.NotEmpty(tiers.Stores[Name(owner)].Heads);
        Assert.Empty(tiers.Stores[Name(other)].Heads);

        static Task WrittenAsync(Tier tier) => Eventually.TrueAsync(() =>
            tier.Edge.Services.GetRequiredService<FillServices>().UnderWay == 0 && tier.Edge.Services.GetRequiredService<SharedTier>().Writer.Pending == 0);
    }

    [Fact]
    public async Task A_private_answer_goes_to_its_client_alone()
    {
        var (tiers, owner, other) = await OwnedAsync("/p");
        await using var _ = tiers;
        var count = 0;
        tiers.Origin.On("/p").Answer(request => Script.Bytes(Answers.Ok($"{request.Field("Cookie")} {++count}", "Cache-Control: private")));
        Assert.Equal("user=1 1", (await other.GetAsync("/p", "Cookie: user=1")).Text);
        Assert.Equal("user=2 2", (await other.GetAsync("/p", "Cookie: user=2")).Text);
        Assert.Equal("user=3 3", (await owner.GetAsync("/p", "Cookie: user=3")).Text);
    }

    /// <summary>Two edges: who keeps that key, and the other one.</summary>
    private static async Task<(Tiers, Tier Owner, Tier Other)> OwnedAsync(string target, bool hasStores = false)
    {
        var tiers = new Tiers();
        if (hasStores)
            (tiers.Stores["eu-1"], tiers.Stores["eu-2"]) = (new(tiers.Time), new(tiers.Time));
        Tier[] edges = [await tiers.StartAsync("eu", "eu-1", Partitioned), await tiers.StartAsync("eu", "eu-2", Partitioned)];
        await tiers.ReadyAsync();
        var rows = edges[0].Fleet.LiveIn("eu");
        var owner = FleetNodes.Order([.. rows], new(KeyOf(target))).First().Node;
        return (tiers, edges.Single(edge => Name(edge) == owner), edges.Single(edge => Name(edge) != owner));
    }

    /// <summary>As an edge of the same region would ask.</summary>
    private static Hop PeerHop(Tiers tiers, Tier asked, string target) => new()
    {
        Secret = new(Tiers.Secret), At = tiers.Time.GetUtcNow(), Stamp = asked.Fleet.StampOf(0)!.Value, Key = Hop.KeyOf(KeyOf(target)), Region = "eu", Scheme = "http", Host = "test", Client = null, Place = null,
    };

    private static byte[] KeyOf(string target)
    {
        var request = new Microsoft.AspNetCore.Http.DefaultHttpContext().Request;
        (request.Scheme, request.Host, request.Path, request.QueryString) = ("http", new("test"), target, new(""));
        return Proxy.Keys.KeyWriter.Of(request, "all", "").Bytes.ToArray();
    }

    private static string Name(Tier tier) => tier.Fleet.Options.Node;
}
