using System.Net;
using System.Net.Sockets;
using DistCache.Proxy.Explaining;
using DistCache.Proxy.Hops;
using DistCache.Proxy.Tests.Hops.Kit;
using DistCache.Storage.Purging;
using DistCache.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Tests.Shields;

/// <summary>A region's misses go to another region instead of the origin, and what comes back is what the origin would have said.</summary>
public sealed class ShieldTests
{
    private const string Fresh = "Cache-Control: max-age=60";

    [Fact]
    public async Task A_miss_asks_the_shield_and_the_shield_the_origin_and_each_says_what_it_did()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh, "Age: 5", "X-Kept: yes"));
        var first = await edge.GetAsync("/a");
        Assert.Equal(("one", "5", "yes"), (first.Text, first.Field("Age"), first.Field("X-Kept")));
        Assert.Equal("eu-1; fwd=uri-miss; fwd-status=200; ttl=55; stored, us-1; fwd=uri-miss; fwd-status=200; ttl=55; stored", first.Field("Cache-Status"));
        Assert.Equal("1.1 eu-1, 1.1 us-1", first.Field("Via"));
        await tiers.PassAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(("15", "eu-1; hit; ttl=45"), await shield.GetAsync("/a") is var there ? (there.Field("Age"), there.Field("Cache-Status")) : default);
        var again = await edge.GetAsync("/a");
        Assert.Equal(("one", "15"), (again.Text, again.Field("Age")));
        Assert.EndsWith(", us-1; hit; ttl=45", again.Field("Cache-Status"));
        var request = Assert.Single(tiers.Origin.Requests("/a"));
        Assert.Equal("1.1 us-1, 1.1 eu-1", request.Field("Via"));
        Assert.Equal("distcache; node=us-1, distcache; node=eu-1", request.Field("CDN-Loop"));
        Assert.Equal(("test", "127.0.0.1", null), (request.Field("Host") is { } ? "test" : null, request.Field("X-Forwarded-For"), request.Field("DistCache-Hop")));
    }

    [Fact]
    public async Task RFC_9111_4_2_3_the_age_of_what_the_shield_has_held_goes_on_at_the_edge()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh));
        await shield.GetAsync("/a");
        await tiers.PassAsync(TimeSpan.FromSeconds(20));
        var answer = await edge.GetAsync("/a");
        Assert.Equal(("20", "eu-1; hit; ttl=40, us-1; fwd=uri-miss; fwd-status=200; ttl=40; stored"), (answer.Field("Age"), answer.Field("Cache-Status")));
        await tiers.PassAsync(TimeSpan.FromSeconds(39));
        Assert.Equal("59", (await edge.GetAsync("/a")).Field("Age"));
        Assert.Single(tiers.Origin.Requests("/a"));
    }

    [Fact]
    public async Task The_tags_reach_the_edge_and_no_client()
    {
        var (tiers, _, edge) = await Tiers.StartAsync();
        await using var __ = tiers;
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh, "Surrogate-Key: red blue", "Cache-Tag: green"), Answers.Ok("two", Fresh));
        var first = await edge.GetAsync("/a");
        Assert.Equal(("one", null, null, null), (first.Text, first.Field("Surrogate-Key"), first.Field("Cache-Tag"), first.Field("DistCache-Hop")));
        Assert.Contains("hit", (await edge.GetAsync("/a")).Field("Cache-Status")![^20..]);
        await edge.PurgeAsync(PurgeMode.Hard, new PurgeSelector(PurgeScope.Tag, "green"));
        Assert.Equal("two", (await edge.GetAsync("/a")).Text);
        Assert.Equal(2, tiers.Origin.Requests("/a").Count);
    }

    [Theory]
    [InlineData("Cache-Control: private")]
    [InlineData("Cache-Control: max-age=60", "Surrogate-Control: no-store")]
    [InlineData("Cache-Control: max-age=60", "CDN-Cache-Control: no-store")]
    public async Task What_the_shield_may_not_store_the_edge_may_not_and_asks_the_origin_itself_from_then_on(params string[] fields)
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        var count = 0;
        tiers.Origin.On("/p").Answer(_ => Script.Bytes(Answers.Ok($"{++count}", fields)));
        var first = await edge.GetAsync("/p");
        Assert.Equal(("1", null), (first.Text, first.Field("Surrogate-Control")));
        Assert.Equal(("2", "3"), ((await edge.GetAsync("/p")).Text, (await shield.GetAsync("/p")).Text));
        Assert.Equal(["1.1 us-1, 1.1 eu-1", "1.1 us-1", "1.1 eu-1"], tiers.Origin.Requests("/p").Select(request => request.Field("Via")));
    }

    [Theory]
    [InlineData("Surrogate-Control: max-age=60", "Cache-Control: no-store")]
    [InlineData("Surrogate-Control: max-age=60", "Cache-Control: max-age=5, must-revalidate")]
    [InlineData("CDN-Cache-Control: max-age=60", "Cache-Control: no-cache")]
    public async Task RFC_9213_what_the_origin_says_to_its_cache_alone_counts_at_the_edge_too(params string[] fields)
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        tiers.Origin.On("/t").Answer(Answers.Ok("one", fields));
        await shield.GetAsync("/t");
        await tiers.PassAsync(TimeSpan.FromSeconds(10));
        var first = await edge.GetAsync("/t");
        Assert.Equal(("10", null), (first.Field("Age"), first.Field("Surrogate-Control")));
        await tiers.PassAsync(TimeSpan.FromSeconds(40));
        Assert.EndsWith("us-1; hit; ttl=10", (await edge.GetAsync("/t")).Field("Cache-Status"));
        Assert.Single(tiers.Origin.Requests("/t"));
    }

    [Fact] // rule 36: at the edge it would be one of the stored response's own
    public async Task A_cookie_that_comes_with_a_304_goes_no_further_than_the_shield()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        tiers.Origin.On("/a").Answer(request => Script.Bytes(request.Field("If-None-Match") is null
            ? Answers.Ok("one", Fresh, "ETag: \"v\"")
            : Answers.Head("304 Not Modified", Fresh, "ETag: \"v\"", "Set-Cookie: session=1")));
        await shield.GetAsync("/a");
        await tiers.PassAsync(TimeSpan.FromSeconds(61));
        Assert.Equal(("one", null), await edge.GetAsync("/a") is var first ? (first.Text, first.Field("Set-Cookie")) : default);
        Assert.EndsWith("us-1; hit; ttl=60", (await edge.GetAsync("/a")).Field("Cache-Status"));
        Assert.Equal(2, tiers.Origin.Requests("/a").Count);
    }

    [Fact]
    public async Task A_key_that_only_the_shield_knows_as_uncacheable_is_passed_through_it()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        tiers.Origin.On("/p").Answer(Answers.Ok("one", "Cache-Control: no-store"));
        await shield.GetAsync("/p");
        var answer = await edge.GetAsync("/p");
        Assert.Equal(("one", null), (answer.Text, answer.Field("DistCache-Hop")));
        Assert.StartsWith("eu-1; fwd=uri-miss; fwd-status=200; detail=uncacheable-marker, us-1; fwd=uri-miss", answer.Field("Cache-Status"));
        Assert.Equal(2, tiers.Origin.Requests("/p").Count);
    }

    [Fact]
    public async Task RFC_9111_4_3_4_what_is_stale_at_the_edge_is_confirmed_by_the_shield()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        tiers.Origin.On("/a").Answer(request => request.Field("If-None-Match") == "\"v\""
            ? Script.Bytes(Answers.Head("304 Not Modified", Fresh, "ETag: \"v\"", "X-New: yes", "Surrogate-Key: later"))
            : Script.Bytes(Answers.Ok("body", Fresh, "ETag: \"v\"")));
        await edge.GetAsync("/a");
        await tiers.PassAsync(TimeSpan.FromSeconds(61));
        await shield.GetAsync("/a"); // validates with the origin
        await tiers.PassAsync(TimeSpan.FromSeconds(10));
        var answer = await edge.GetAsync("/a");
        Assert.Equal((200, "body", "10", "yes"), (answer.Status, answer.Text, answer.Field("Age"), answer.Field("X-New")));
        Assert.Contains("us-1; fwd=stale; fwd-status=304; ttl=50; stored", answer.Field("Cache-Status"));
        Assert.Equal(2, tiers.Origin.Requests("/a").Count);
        // What the 304 brought counts here too.
        await edge.PurgeAsync(PurgeMode.Hard, new PurgeSelector(PurgeScope.Tag, "later"));
        Assert.Contains("us-1; fwd=uri-miss", (await edge.GetAsync("/a")).Field("Cache-Status"));
    }

    [Fact]
    public async Task Conditions_of_an_edge_make_the_shield_fetch_for_all_and_not_for_it_alone()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        tiers.Origin.On("/a").Answer(request => request.Field("If-None-Match") is null
            ? Script.Bytes(Answers.Ok("body", Fresh, "ETag: \"v\"")) : Script.Bytes(Answers.Head("304 Not Modified", "ETag: \"v\"")));
        Assert.Equal(304, (await edge.GetAsync("/a", "If-None-Match: \"v\"")).Status);
        // The head alone has answered; the fill may go on.
        await Eventually.TrueAsync(async () => (await shield.GetAsync("/a")).Field("Cache-Status") == "eu-1; hit; ttl=60");
        Assert.Null(Assert.Single(tiers.Origin.Requests("/a")).Field("If-None-Match"));
    }

    [Fact]
    public async Task Variants_are_the_same_at_both()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync(("DistCache:Policies:default:Vary:AcceptEncoding", "gzip"));
        await using var _ = tiers;
        tiers.Origin.On("/v").Answer(request => Script.Bytes(Answers.Ok(request.Field("Accept-Encoding") + "/" + request.Field("Accept-Language"), Fresh, "Vary: Accept-Encoding, Accept-Language")));
        Assert.Equal("gzip/de", (await edge.GetAsync("/v", "Accept-Encoding: br, gzip;q=0.5", "Accept-Language: de")).Text);
        Assert.Equal("gzip/fr", (await edge.GetAsync("/v", "Accept-Encoding: gzip", "Accept-Language: fr")).Text);
        Assert.Equal("gzip/de", (await shield.GetAsync("/v", "Accept-Encoding: gzip", "Accept-Language: de")).Text);
        Assert.Equal("gzip/fr", (await edge.GetAsync("/v", "Accept-Encoding: gzip, x", "Accept-Language: fr")).Text);
        Assert.Equal(2, tiers.Origin.Requests("/v").Count);
    }

    [Fact]
    public async Task A_body_that_is_cut_at_the_shield_is_cut_at_the_edge()
    {
        var (tiers, _, edge) = await Tiers.StartAsync();
        await using var __ = tiers;
        var gate = new Gate();
        var whole = Answers.Ok(new string('x', 200_000), Fresh);
        tiers.Origin.On("/cut").Answer(new Script().Then(whole[..150_000]).Wait(gate).Reset(), whole);
        var reading = edge.GetAsync("/cut");
        await gate.Reached;
        gate.Open();
        var cut = await reading;
        Assert.True(cut.WasCut, cut.End.ToString());
        Assert.Equal(200_000, (await edge.GetAsync("/cut")).BodyLength);
    }

    [Fact]
    public async Task Where_the_shield_has_an_error_of_its_own_the_origin_is_asked()
    {
        // Its origin does not answer it; the edge's does.
        await using var tiers = new Tiers();
        await tiers.StartAsync("eu", "eu-1", ("ReverseProxy:Clusters:origin:Destinations:one:Address", $"http://127.0.0.1:{Ports.Free()}"));
        var edge = await tiers.StartAsync("us", "us-1");
        await tiers.ReadyAsync();
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh));
        var answer = await edge.GetAsync("/a");
        Assert.Equal(("one", "us-1; fwd=uri-miss; fwd-status=200; ttl=60; stored"), (answer.Text, answer.Field("Cache-Status")));
        Assert.Equal("1.1 us-1", Assert.Single(tiers.Origin.Requests("/a")).Field("Via"));
    }

    [Fact]
    public async Task An_error_that_the_origin_gave_the_shield_is_the_origins()
    {
        var (tiers, _, edge) = await Tiers.StartAsync();
        await using var __ = tiers;
        tiers.Origin.On("/a").Answer(Answers.WithLength("503 Busy", "no"u8.ToArray()));
        Assert.Equal((503, "no"), (await edge.GetAsync("/a")) is var answer ? (answer.Status, answer.Text) : default);
        Assert.Single(tiers.Origin.Requests("/a"));
    }

    [Fact]
    public async Task A_node_that_cannot_be_reached_costs_one_attempt_a_second_and_the_next_one_is_asked()
    {
        await using var tiers = new Tiers();
        await using var port = new ResettingPort();
        await tiers.StartAsync("eu", "eu-1", ("DistCache:Node:DataAddress", port.Url));
        await tiers.StartAsync("eu", "eu-2");
        var edge = await tiers.StartAsync("us", "us-1");
        await tiers.ReadyAsync();
        tiers.Origin.Others.Answer(Answers.Ok("one", Fresh));
        for (var second = 1; second <= 3; second++)
        {
            for (var i = 0; i < 20; i++)
                Assert.StartsWith("eu-2; ", (await edge.GetAsync($"/{second}/{i}")).Field("Cache-Status"));
            Assert.Equal(second, port.Attempts);
            await tiers.PassAsync(TimeSpan.FromSeconds(1)); // it has rested
        }
    }

    [Fact]
    public async Task A_node_whose_answer_is_late_is_asked_for_other_keys_all_the_same()
    {
        await using var tiers = new Tiers();
        await tiers.StartAsync("eu", "eu-1");
        var edge = await tiers.StartAsync("us", "us-1", ("DistCache:Origin:FirstByteTimeout", "1s"));
        await tiers.ReadyAsync();
        var gate = new Gate();
        tiers.Origin.On("/slow").Answer(new Script().Wait(gate).Then(Answers.Ok("one", Fresh)), Answers.Ok("two", Fresh));
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh));
        var slow = edge.GetAsync("/slow");
        await gate.Reached;
        tiers.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("two", (await slow).Text); // from the origin
        Assert.StartsWith("eu-1; ", (await edge.GetAsync("/a")).Field("Cache-Status"));
        gate.Open();
    }

    [Fact]
    public async Task HEAD_does_not_hop_it_asks_the_origin_about_what_is_stored_here()
    {
        await using var tiers = new Tiers();
        await using var port = new ResettingPort();
        await tiers.StartAsync("eu", "eu-1", ("DistCache:Node:DataAddress", port.Url));
        var edge = await tiers.StartAsync("us", "us-1");
        await tiers.ReadyAsync();
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh, "ETag: \"1\""));
        await edge.GetAsync("/a");
        Assert.Equal(1, port.Attempts);
        await tiers.PassAsync(TimeSpan.FromSeconds(61)); // it is stale, and the node has rested
        Assert.Equal(200, (await edge.Edge.RequestAsync("HEAD", "/a")).Status);
        Assert.Equal(1, port.Attempts);
        Assert.Equal([("GET", "1.1 us-1"), ("HEAD", "1.1 us-1")], tiers.Origin.Requests("/a").Select(request => (request.Method, request.Field("Via"))));
    }

    [Fact]
    public async Task The_origin_hears_of_the_client_and_not_of_the_edge_that_asks_for_it()
    {
        var (tiers, _, edge) = await Tiers.StartAsync();
        await using var __ = tiers;
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh));
        await using var client = await RawClient.ConnectAsync(edge.Edge.Port, from: "127.0.0.2");
        await client.GetAsync("/a");
        var request = Assert.Single(tiers.Origin.Requests("/a"));
        Assert.Equal(("127.0.0.2", "1.1 us-1, 1.1 eu-1"), (request.Field("X-Forwarded-For"), request.Field("Via")));
    }

    [Fact]
    public async Task The_scheme_is_the_one_that_the_client_used_at_the_edge()
    {
        await using var tiers = new Tiers();
        await tiers.StartAsync("eu", "eu-1"); // it trusts no proxy, and speaks http
        var edge = await tiers.StartAsync("us", "us-1", ("DistCache:Geo:TrustedProxies", "127.0.0.2/32"));
        await tiers.ReadyAsync();
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh));
        await using var client = await RawClient.ConnectAsync(edge.Edge.Port, from: "127.0.0.2");
        await client.GetAsync("/a", "X-Forwarded-Proto: https");
        var request = Assert.Single(tiers.Origin.Requests("/a"));
        Assert.Equal(("https", "1.1 us-1, 1.1 eu-1"), (request.Field("X-Forwarded-Proto"), request.Field("Via")));
    }

    [Fact] // HttpClient then throws what the socket threw
    public async Task A_connection_that_is_reset_as_soon_as_it_stands_is_a_node_that_cannot_be_reached()
    {
        await using var tiers = new Tiers();
        var port = Ports.Free();
        await using var way = FaultProxy.Start(port);
        way.Cut();
        await tiers.StartAsync("eu", "eu-1", port, ("DistCache:Node:DataAddress", way.Url.GetLeftPart(UriPartial.Authority)));
        var edge = await tiers.StartAsync("us", "us-1");
        await tiers.ReadyAsync();
        tiers.Origin.Others.Answer(Answers.Ok("one", Fresh));
        for (var i = 0; i < 20; i++)
        {
            Assert.StartsWith("us-1; ", (await edge.GetAsync($"/{i}")).Field("Cache-Status"));
            await tiers.PassAsync(TimeSpan.FromSeconds(1)); // it has rested
        }
    }

    [Fact]
    public async Task A_node_that_beats_while_the_way_to_it_is_blocked_is_found_out_long_before_an_origin_would_be()
    {
        await using var tiers = new Tiers();
        var port = Ports.Free();
        await using var way = FaultProxy.Start(port);
        await tiers.StartAsync("eu", "eu-1", port, ("DistCache:Node:DataAddress", way.Url.GetLeftPart(UriPartial.Authority)));
        var edge = await tiers.StartAsync("us", "us-1", ("DistCache:Origin:FirstByteTimeout", "1h"), ("DistCache:Origin:IdleTimeout", "1h"));
        await tiers.ReadyAsync();
        tiers.Origin.Others.Answer(Answers.Ok("one", Fresh));
        Assert.StartsWith("eu-1; ", (await edge.GetAsync("/1")).Field("Cache-Status")); // the connection stands
        way.Faults = new LinkFaults { State = LinkState.Stalled };
        var (node, pings) = (edge.Fleet.LiveIn("eu")[0], edge.Edge.Services.GetRequiredService<HopPings>());
        var start = tiers.Time.GetTimestamp();
        var reading = edge.GetAsync("/2");
        while (!reading.IsCompleted)
        {
            tiers.Time.Advance(TimeSpan.FromMilliseconds(600));
            var ping = pings.AnswersAsync(node);
            tiers.Time.Advance(TimeSpan.FromSeconds(2.1));
            Assert.False(await ping);
        }
        Assert.StartsWith("us-1; ", (await reading).Field("Cache-Status"));
        Assert.InRange(tiers.Time.GetElapsedTime(start).TotalHours, 0, 0.9);
    }

    [Fact]
    public async Task A_node_that_waits_for_a_slow_origin_is_waited_for()
    {
        var (tiers, _, edge) = await Tiers.StartAsync();
        await using var __ = tiers;
        var gate = new Gate();
        tiers.Origin.On("/a").Answer(new Script().Wait(gate).Then(Answers.Ok("one", Fresh)));
        var reading = edge.GetAsync("/a");
        await gate.Reached;
        for (var i = 0; i < 10; i++)
        {
            tiers.Time.Advance(TimeSpan.FromMilliseconds(600));
            Assert.True(await edge.Edge.Services.GetRequiredService<HopPings>().AnswersAsync(edge.Fleet.LiveIn("eu")[0])); // no clock moves meanwhile
        }
        gate.Open();
        Assert.StartsWith("eu-1; ", (await reading).Field("Cache-Status"));
        Assert.Single(tiers.Origin.Requests("/a"));
    }

    [Fact]
    public async Task One_node_is_asked_for_one_key_and_all_nodes_for_all_keys()
    {
        await using var tiers = new Tiers();
        await tiers.StartAsync("eu", "eu-1");
        await tiers.StartAsync("eu", "eu-2");
        Tier[] edges = [await tiers.StartAsync("us", "us-1"), await tiers.StartAsync("us", "us-2")];
        await tiers.ReadyAsync();
        tiers.Origin.Others.Answer(Answers.Ok("one", Fresh));
        var asked = new Dictionary<string, int>();
        for (var i = 0; i < 40; i++)
        {
            var nodes = new HashSet<string>();
            foreach (var edge in edges)
                nodes.Add((await edge.GetAsync($"/{i}")).Field("Cache-Status")!.Split(';')[0]);
            var node = Assert.Single(nodes);
            asked[node] = asked.GetValueOrDefault(node) + 1;
        }
        Assert.Equal(40, tiers.Origin.Log.All.Count);
        Assert.Equal(["eu-1", "eu-2"], asked.Keys.Order());
    }

    [Fact]
    public async Task A_region_without_a_live_node_is_left_to_itself()
    {
        await using var tiers = new Tiers();
        var edge = await tiers.StartAsync("us", "us-1");
        await tiers.ReadyAsync();
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh));
        Assert.Equal("us-1; fwd=uri-miss; fwd-status=200; ttl=60; stored", (await edge.GetAsync("/a")).Field("Cache-Status"));
    }

    [Fact]
    public async Task RFC_8586_a_request_that_would_go_in_a_circle_goes_to_the_origin()
    {
        await using var tiers = new Tiers();
        // Two configurations that do not belong together: each region is the other's shield.
        var eu = await tiers.StartAsync("eu", "eu-1", ("DistCache:Regions:us:Shield", null), ("DistCache:Regions:eu:Shield", "us"));
        var us = await tiers.StartAsync("us", "us-1");
        await tiers.ReadyAsync();
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh));
        Assert.Equal("one", (await us.GetAsync("/a")).Text);
        Assert.Equal("1.1 us-1, 1.1 eu-1", Assert.Single(tiers.Origin.Requests("/a")).Field("Via"));
        Assert.Contains("hit", (await eu.GetAsync("/a")).Field("Cache-Status"));
    }

    [Fact]
    public async Task Nodes_whose_policies_come_to_different_keys_do_not_answer_each_other()
    {
        await using var tiers = new Tiers();
        await tiers.StartAsync("eu", "eu-1");
        var edge = await tiers.StartAsync("us", "us-1", ("DistCache:Policies:default:Key:Headers", "X-Tenant"));
        await tiers.ReadyAsync();
        tiers.Origin.On("/a").Answer(request => Script.Bytes(Answers.Ok(request.Field("X-Tenant") ?? "none", Fresh)));
        Assert.Equal("red", (await edge.GetAsync("/a", "X-Tenant: red")).Text);
        Assert.Equal("blue", (await edge.GetAsync("/a", "X-Tenant: blue")).Text);
        Assert.All(tiers.Origin.Requests("/a"), request => Assert.Equal("1.1 us-1", request.Field("Via")));
    }

    [Fact]
    public async Task The_client_is_in_the_country_that_its_edge_says_and_countries_are_never_mixed()
    {
        using var folder = new TemporaryFolder();
        string[] databases = [Path.Combine(folder.Path, "eu.mmdb"), Path.Combine(folder.Path, "us.mmdb")];
        new MmdbWriter("GeoLite2-Country").Place("127.0.0.0/8", "AT").Replace(databases[0]);
        new MmdbWriter("GeoLite2-Country").Place("127.0.0.0/8", "DE").Replace(databases[1]);
        await using var tiers = new Tiers();
        var shield = await tiers.StartAsync("eu", "eu-1", ("DistCache:Geo:Database", databases[0]), ("DistCache:Policies:default:Key:Country", "true"), ("ReverseProxy:Routes:all:Metadata:DistCache.Geo.Block", "DE"));
        var edge = await tiers.StartAsync("us", "us-1", ("DistCache:Geo:Database", databases[1]), ("DistCache:Policies:default:Key:Country", "true"));
        await tiers.ReadyAsync();
        tiers.Origin.On("/a").Answer(request => Script.Bytes(Answers.Ok($"{request.Field("X-Geo-Country")} {request.Field("X-Geo-EU")}", Fresh)));
        Assert.Equal("DE true", (await edge.GetAsync("/a", "X-Geo-Country: US")).Text);
        Assert.Equal("AT true", (await shield.GetAsync("/a")).Text);
        Assert.Equal(["1.1 us-1, 1.1 eu-1", "1.1 eu-1"], tiers.Origin.Requests("/a").Select(request => request.Field("Via")));
    }

    [Fact]
    public async Task Explain_says_who_would_be_asked()
    {
        var (tiers, _, edge) = await Tiers.StartAsync();
        await using var __ = tiers;
        var explainer = edge.Edge.Services.GetRequiredService<IExplainer>();
        var (explanation, wrong) = await explainer.ExplainAsync("http://test/a", "GET", [], client: "", false, TestContext.Current.CancellationToken);
        Assert.Null(wrong);
        Assert.Equal(("eu", "eu-1"), (explanation!.Shield!.Region, Assert.Single(explanation.Shield.Nodes)));
    }

    /// <summary>Where a node should be: each connection is reset as soon as it stands, and counted.</summary>
    private sealed class ResettingPort : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _counting;
        private int _attempts;

        public ResettingPort()
        {
            _listener.Start();
            _counting = CountAsync();
        }

        public string Url => $"http://{_listener.LocalEndpoint}";

        public int Attempts => Volatile.Read(ref _attempts);

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _counting;
        }

        private async Task CountAsync()
        {
            try
            {
                while (true)
                {
                    using var connection = await _listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
                    Interlocked.Increment(ref _attempts);
                    connection.Close(0);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
