using DistCache.Proxy.Hops;
using DistCache.Proxy.Tests.Kit;
using DistCache.Proxy.Tests.Hops.Kit;
using DistCache.Storage.Shared;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Hops;

/// <summary>What only nodes say to each other is believed from nobody else, and shown to nobody else.</summary>
public sealed class ForgedHopTests
{
    private const string Fresh = "Cache-Control: max-age=60";

    [Theory]
    [InlineData("1")]
    [InlineData("1;1795348800000;00000000000000000000000000000000;0000000000000001.9223372036854775807.0000000000000000;00000000000000000000000000000000;us;http;test;127.0.0.1;-;00")]
    public async Task Who_cannot_sign_is_refused(string field)
    {
        var (tiers, shield, _) = await Tiers.StartAsync();
        await using var __ = tiers;
        tiers.Origin.On("/a").Answer(Answers.Ok("one", Fresh, "Surrogate-Key: red"));
        var answer = await shield.GetAsync("/a", $"DistCache-Hop: {field}");
        Assert.Equal((403, null, null), (answer.Status, answer.Field("DistCache-Hop"), answer.Field("Surrogate-Key")));
        Assert.Equal("no-store", answer.Field("Cache-Control"));
        Assert.Empty(tiers.Origin.Log.All);
    }

    [Fact]
    public async Task A_ping_says_that_somebody_is_there_and_nothing_else()
    {
        var (tiers, shield, _) = await Tiers.StartAsync();
        await using var __ = tiers;
        var answer = await shield.GetAsync("/a", "DistCache-Hop: ping");
        Assert.Equal((204, "no-store", null, null), (answer.Status, answer.Field("Cache-Control"), answer.Field("Cache-Status"), answer.Field("DistCache-Hop")));
        Assert.Empty(tiers.Origin.Log.All);
    }

    // A 2xx to CONNECT is a tunnel, and a method that nobody may use here is not answered with success because of a field.
    [Theory]
    [InlineData("CONNECT", "test:80")]
    [InlineData("TRACE", "/")]
    [InlineData("HEAD", "/a")]
    [InlineData("POST", "/a")]
    [InlineData("OPTIONS", "*")]
    [InlineData("BREW", "/a")]
    public async Task A_ping_is_a_GET(string method, string target)
    {
        var (tiers, shield, _) = await Tiers.StartAsync();
        await using var __ = tiers;
        await using var client = await shield.Edge.ConnectAsync();
        await client.SendAsync($"{method} {target} HTTP/1.1\r\nHost: {(method == "CONNECT" ? target : "test")}\r\nDistCache-Hop: ping\r\n\r\n");
        Assert.Equal(403, (await client.ReadHeadAsync(method)).Status);
        Assert.Empty(tiers.Origin.Log.All);
    }

    // Nobody reads a ping's body: what is in it must not become the next request.
    [Theory]
    [InlineData("GET", "Content-Length: 43")]
    [InlineData("GET", "Transfer-Encoding: chunked")]
    [InlineData("GET", "Transfer-Encoding: gzip, chunked")]
    [InlineData("GET", "Transfer-Encoding: chunked\r\nContent-Length: 5")]
    [InlineData("GET", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")]
    [InlineData("POST", "Transfer-Encoding: gzip, chunked")]
    [InlineData("POST", "Transfer-Encoding: chunked\r\nContent-Length: 5")]
    [InlineData("POST", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")]
    public async Task A_ping_has_no_body(string method, string framing)
    {
        var (tiers, shield, _) = await Tiers.StartAsync();
        await using var __ = tiers;
        tiers.Origin.Others.Answer(Answers.Ok("one", Fresh));
        await using var client = await shield.Edge.ConnectAsync();
        var inside = "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n";
        var body = framing.StartsWith("Content-Length", StringComparison.Ordinal) ? inside.PadRight(43) : $"{inside.Length:x}\r\n{inside}\r\n0\r\n\r\n";
        await client.SendAsync($"{method} /a HTTP/1.1\r\nHost: test\r\nDistCache-Hop: ping\r\n{framing}\r\n\r\n{body}");
        Assert.Equal(403, (await client.ReadAnswerAsync(method)).Status);
        await client.SendAsync("GET /next HTTP/1.1\r\nHost: test\r\n\r\n");
        if (await client.TryReadAnswerAsync() is { Status: 200 } next) // or the connection was closed
            Assert.Equal("one", next.Text);
        Assert.DoesNotContain(tiers.Origin.Log.All, request => request.Target == "/smuggled");
    }

    [Fact]
    public async Task One_signed_request_is_good_for_no_other_and_not_for_ever()
    {
        var (tiers, shield, _) = await Tiers.StartAsync();
        await using var __ = tiers;
        tiers.Origin.Others.Answer(Answers.Ok("one", Fresh, "Surrogate-Key: red"));
        var hop = new Hop
        {
            Secret = new(Tiers.Secret), At = tiers.Time.GetUtcNow(), Stamp = shield.Fleet.StampOf(0)!.Value, Key = Hop.KeyOf("another"u8), Region = "us", Scheme = "http", Host = "test", Client = null, Place = null,
        };
        var field = $"DistCache-Hop: {hop.Write("GET", "/a")}";
        Assert.Equal(421, (await shield.GetAsync("/a", field, "CDN-Loop: other")).Status); // signed, but of another key: nothing is told
        Assert.Equal(403, (await shield.GetAsync("/b", field)).Status);
        Assert.Equal(403, (await shield.Edge.RequestAsync("HEAD", "/a", field)).Status);
        Assert.Equal(403, (await shield.Edge.RequestAsync("PURGE", "/a", field)).Status);
        Assert.Equal(403, (await shield.GetAsync("/a", field, field)).Status);
        await tiers.PassAsync(TimeSpan.FromSeconds(61));
        Assert.Equal(403, (await shield.GetAsync("/a", field, "CDN-Loop: other")).Status);
        Assert.Empty(tiers.Origin.Log.All);
    }

    [Fact]
    public async Task A_position_from_the_future_moves_nothing()
    {
        var (tiers, shield, _) = await Tiers.StartAsync();
        await using var __ = tiers;
        var real = shield.Fleet.StampOf(0)!.Value;
        foreach (var stamp in new[] { real with { Position = 1L << 60 }, real with { Log = 1 } })
        {
            var hop = new Hop { Secret = new(Tiers.Secret), At = tiers.Time.GetUtcNow(), Stamp = stamp, Key = Hop.KeyOf("a"u8), Region = "us", Scheme = "http", Host = "test", Client = null, Place = null };
            var answer = await shield.GetAsync("/a", $"DistCache-Hop: {hop.Write("GET", "/a")}", "CDN-Loop: other");
            Assert.Equal((421, "eu-1; fwd=bypass; detail=hop-behind"), (answer.Status, answer.Field("Cache-Status")));
        }
        Assert.Empty(tiers.Origin.Log.All);
    }

    [Fact]
    public async Task Without_a_secret_it_is_removed_as_any_forged_field()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("one", Fresh));
        Assert.Equal("one", (await edge.GetAsync("/a", "DistCache-Hop: 1")).Text);
        Assert.Null(Assert.Single(edge.Origin.Requests("/a")).Field("DistCache-Hop"));
    }

    [Fact]
    public async Task What_an_origin_says_under_our_names_goes_to_nobody()
    {
        var (tiers, _, edge) = await Tiers.StartAsync();
        await using var __ = tiers;
        tiers.Origin.Others.Answer(Answers.Ok("one", Fresh, "DistCache-Hop: 1;x;y", "DistCache-CDN-Cache-Control: max-age=60"));
        foreach (var (method, target) in new[] { ("GET", "/a"), ("GET", "/a"), ("POST", "/b") })
        {
            var answer = await edge.Edge.RequestAsync(method, target);
            Assert.Equal((200, null, null), (answer.Status, answer.Field("DistCache-Hop"), answer.Field("Surrogate-Key")));
        }
    }
}
