using System.Net;
using System.Text;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Geo;

/// <summary>Who the client is, behind proxies and load balancers, over real connections.</summary>
public class ClientAddressTests
{
    private const string Routes = """
        "keyed": { "ClusterId": "c", "Match": { "Path": "/{**rest}" }, "OutputCachePolicy": "keyed" }
        """;

    private const string Policies = """ "keyed": { "Key": { "Country": true } } """;
    private const string Proxy = "127.0.0.9";

    [Fact]
    public async Task A26_what_a_trusted_proxy_says_counts_and_nobody_elses_word()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, "\"TrustedProxies\": [ \"127.0.0.0/24\" ]", Policies);
        (string From, string[] Lines, string Country)[] rows =
        [
            (Proxy, ["X-Forwarded-For: 127.0.2.8"], "US"),
            (Proxy, ["X-Forwarded-For: 127.0.3.8, 127.0.2.8:4711"], "US"),
            (Proxy, ["X-Forwarded-For: 127.0.3.8, 127.0.2.8, 127.0.0.4"], "US"),
            (Proxy, ["X-Forwarded-For: 127.0.3.8", "X-Forwarded-For: 127.0.2.8, 127.0.0.4"], "US"),
            (Proxy, ["X-Forwarded-For: [::ffff:127.0.2.8]:80"], "US"),
            (Proxy, ["X-Forwarded-For: 203.0.113.7"], "FR"),
            (Proxy, ["X-Forwarded-For: unknown"], ""),
            (Proxy, ["X-Forwarded-For: 127.0.2.8, garbage"], ""),
            (Proxy, ["Forwarded: for=127.0.2.8"], ""),
            (Proxy, [], ""),
            (GeoEdge.German, ["X-Forwarded-For: 127.0.2.8"], "DE"),
            (GeoEdge.German, ["X-Forwarded-For: 127.0.0.4"], "DE"),
            (GeoEdge.German, ["Forwarded: for=127.0.2.8"], "DE"),
        ];
        foreach (var (from, lines, country) in rows)
            Assert.Equal((lines.Length > 0 ? lines[^1] : "", country), (lines.Length > 0 ? lines[^1] : "", CountryOf(await edge.GetAsync(from, "/a", lines))));
    }

    [Fact]
    public async Task A26_the_origin_is_told_the_client_and_each_trusted_proxy_and_nothing_that_a_client_made_up()
    {
        await using var edge = await GeoEdge.StartAsync(Routes + """, "passed": { "ClusterId": "c", "Match": { "Path": "/pass/{**rest}" } } """, "\"TrustedProxies\": [ \"127.0.0.0/24\" ]", Policies);
        (string From, string[] Lines, string Told)[] rows =
        [
            (Proxy, ["X-Forwarded-For: 127.0.3.8, 127.0.2.8"], "127.0.2.8, 127.0.0.9"),
            (Proxy, ["X-Forwarded-For: 127.0.3.8, 127.0.2.8:4711, 127.0.0.4"], "127.0.2.8, 127.0.0.4, 127.0.0.9"),
            (Proxy, ["X-Forwarded-For: 127.0.3.8", "X-Forwarded-For: garbage"], "unknown, 127.0.0.9"),
            (Proxy, [], "127.0.0.9"),
            (GeoEdge.German, ["X-Forwarded-For: 127.0.2.8"], "127.0.1.1"),
        ];
        for (var i = 0; i < rows.Length; i++)
        {
            foreach (var target in new[] { $"/a/{i}", $"/pass/{i}" }) // a fill and a pass
            {
                Assert.Equal(200, (await edge.GetAsync(rows[i].From, target, rows[i].Lines)).Status);
                Assert.Equal((target, rows[i].Told), (target, Assert.Single(edge.Origin.Requests(target)).Field("X-Forwarded-For")));
            }
        }
    }

    [Fact]
    public async Task A26_behind_a_trusted_proxy_that_ends_TLS_the_scheme_is_the_clients_for_key_and_origin()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, "\"TrustedProxies\": [ \"127.0.0.0/24\" ]", Policies);
        (string From, string[] Lines, string Scheme)[] rows =
        [
            (Proxy, ["X-Forwarded-For: 127.0.1.1", "X-Forwarded-Proto: https", "Host: test:443"], "https"),
            (Proxy, ["X-Forwarded-For: 127.0.1.1", "X-Forwarded-Proto: http"], "http"),
            (Proxy, ["X-Forwarded-For: 127.0.1.1", "X-Forwarded-Proto: gopher"], "http"),
            (Proxy, ["X-Forwarded-For: 127.0.1.1", "X-Forwarded-Proto: https", "X-Forwarded-Proto: http"], "http"),
            (GeoEdge.German, ["X-Forwarded-Proto: https"], "http"),
        ];
        foreach (var (from, lines, scheme) in rows)
        {
            var before = edge.Origin.Log.All.Count;
            await edge.GetAsync(from, "/a", lines);
            var hit = await edge.GetAsync(from, "/a", lines);
            Assert.Contains("; hit", hit.Field("Cache-Status"));
            // Once for each scheme: the first row of http has stored it for the others.
            foreach (var request in edge.Origin.Log.All.Skip(before))
                Assert.Equal((scheme, "test"), (request.Field("X-Forwarded-Proto"), request.Field("X-Forwarded-Host")));
        }
        Assert.Equal(2, edge.Origin.Requests("/a").Count);
    }

    [Fact]
    public async Task Explain_says_what_a_client_somewhere_else_would_meet()
    {
        await using var edge = await GeoEdge.StartAsync(
            """ "kept": { "ClusterId": "c", "Match": { "Path": "/{**rest}" }, "OutputCachePolicy": "keyed", "Metadata": { "DistCache.Geo.Allow": "US" } } """, "\"TrustedProxies\": [ \"127.0.0.0/24\" ]", Policies);
        foreach (var (query, reason) in new[] { ("client=127.0.1.1", "geo-blocked"), ("client=127.0.2.1", "uri-miss"), ($"client={Proxy}&header=X-Forwarded-For:127.0.2.1", "uri-miss"), ("", "geo-blocked") })
            Assert.Contains($"\"reason\":\"{reason}\"", (await edge.AskAsync($"/api/v1/explain?url=http://test/a&{query}")).Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_trusted_proxies_the_connection_alone_counts()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, policies: Policies);
        Assert.Equal("DE", CountryOf(await edge.GetAsync(GeoEdge.German, "/a", "X-Forwarded-For: 127.0.2.8")));
        Assert.Equal("", CountryOf(await edge.GetAsync(Proxy, "/a", "X-Forwarded-For: 127.0.2.8", "Forwarded: for=127.0.2.8")));
    }

    [Fact]
    public async Task Forwarded_is_read_where_it_is_the_proxies_field_and_then_the_other_is_not()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, "\"TrustedProxies\": \"127.0.0.0/24\", \"ForwardedField\": \"Forwarded\"", Policies);
        Assert.Equal("US", CountryOf(await edge.GetAsync(Proxy, "/a", "Forwarded: for=127.0.3.1, for=\"127.0.2.8:80\";proto=https", "X-Forwarded-For: 127.0.1.1")));
    }

    [Fact]
    public async Task Users_on_one_connection_of_a_proxy_keep_their_own_countries()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, "\"TrustedProxies\": \"127.0.0.0/24\"", Policies);
        await using var proxy = await edge.ConnectAsync(Proxy);
        var random = new Random(5);
        for (var i = 0; i < 200; i++)
        {
            var (address, country) = new[] { ("127.0.1.8", "DE"), ("127.0.2.8", "US"), ("127.0.3.8", "IN"), ("10.1.1.1", "") }[random.Next(4)];
            Assert.Equal(country, CountryOf(await proxy.GetAsync($"/{i % 3}", $"X-Forwarded-For: {address}")));
        }
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public async Task PROXY_protocol_of_a_trusted_proxy_names_the_client(int version, bool inPieces)
    {
        await using var edge = await GeoEdge.StartAsync(Routes, "\"TrustedProxies\": \"127.0.0.0/24\", \"ProxyProtocol\": true", Policies);
        await using var client = await edge.ConnectAsync(Proxy);
        var header = Header(version, "127.0.2.8");
        if (inPieces)
            foreach (var b in header)
                await client.SendAsync(new[] { b });
        else
            await client.SendAsync(header);
        for (var i = 0; i < 5; i++)
            Assert.Equal("US", CountryOf(await client.GetAsync("/a", "X-Forwarded-For: 127.0.3.8")));
    }

    [Fact]
    public async Task PROXY_protocol_stands_before_TLS()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, "\"TrustedProxies\": \"127.0.0.0/24\", \"ProxyProtocol\": true", Policies, tls: true);
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, edge.Process.TlsPort, TestContext.Current.CancellationToken);
        await socket.SendAsync(Header(2, "127.0.3.8"));
        await using var tls = new System.Net.Security.SslStream(new System.Net.Sockets.NetworkStream(socket), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        await tls.WriteAsync("GET /a HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Contains("x-geo-country=IN", await new StreamReader(tls).ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task PROXY_protocol_is_demanded_of_trusted_proxies_and_read_from_nobody_else()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, "\"TrustedProxies\": \"127.0.0.0/24\", \"ProxyProtocol\": true", Policies);
        // Without a header, or with a broken one: closed without an answer.
        foreach (var bytes in new[] { "GET /a HTTP/1.1\r\nHost: test\r\n\r\n", "PROXY TCP4 127.0.2.8\r\nGET /a HTTP/1.1\r\nHost: test\r\n\r\n" })
        {
            await using var proxy = await edge.ConnectAsync(Proxy);
            await proxy.SendAsync(bytes);
            Assert.Null(await proxy.TryReadAnswerAsync());
        }
        // From others it is what it looks like to an HTTP server.
        await using var client = await edge.ConnectAsync(GeoEdge.German);
        await client.SendAsync(Encoding.ASCII.GetString(Header(1, "127.0.2.8")) + "GET /a HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(400, (await client.ReadAnswerAsync()).Status);
        Assert.Equal("DE", CountryOf(await edge.GetAsync(GeoEdge.German, "/a")));
        // A proxy that speaks for itself: its health check.
        await using var check = await edge.ConnectAsync(Proxy);
        await check.SendAsync("PROXY UNKNOWN\r\n");
        Assert.Equal(200, (await check.GetAsync("/a")).Status);
    }

    [Fact]
    public async Task PURGE_is_judged_by_the_connection_whatever_is_forwarded()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, "\"TrustedProxies\": \"127.0.0.0/24\", \"ProxyProtocol\": true", Policies);
        await using var client = await edge.ConnectAsync(Proxy);
        await client.SendAsync(Header(1, "203.0.113.7"));
        Assert.Equal(403, (await client.RequestAsync("PURGE", "/a", "X-Forwarded-For: 127.0.0.1")).Status);
    }

    private static string CountryOf(RawAnswer answer)
    {
        Assert.Equal(200, answer.Status);
        return answer.Text.Split(' ').FirstOrDefault(word => word.StartsWith("x-geo-country=", StringComparison.Ordinal))?["x-geo-country=".Length..] ?? "";
    }

    private static byte[] Header(int version, string source) => version == 1
        ? Encoding.ASCII.GetBytes($"PROXY TCP4 {source} 127.0.0.1 4711 80\r\n")
        : [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, 0, 12, .. IPAddress.Parse(source).GetAddressBytes(), 127, 0, 0, 1, 0x12, 0x67, 0, 80];
}
