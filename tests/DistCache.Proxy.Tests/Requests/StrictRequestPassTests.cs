using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Requests;

/// <summary>What passes the gate, in exact bytes at the origin.</summary>
public class StrictRequestPassTests(GateFixture edge) : IClassFixture<GateFixture>
{
    [Theory]
    [InlineData("/a%2fb", "/a%2Fb")] // RFC 3986 §6.2.2.1
    [InlineData("/a%252fb", "/a%252fb")]
    [InlineData("/s/../p1", "/p1")] // §6.2.2.3
    [InlineData("/s/%2e%2e/p2", "/p2")]
    [InlineData("//x//y", "//x//y")]
    [InlineData("/caf%e9", "/caf%E9")]
    [InlineData("/%c0%af", "/%C0%AF")]
    [InlineData("/%41%7e", "/A~")]
    [InlineData("/a|b[c]\"^`{}\\", "/a|b[c]\"^`{}\\")]
    [InlineData("/q?q=100%", "/q?q=100%")]
    [InlineData("/q?%0d%0a=%zz&x=/../y", "/q?%0d%0a=%zz&x=/../y")]
    [InlineData("/q?a=|{}\\^`\"<>'", "/q?a=|{}\\^`\"<>'")]
    [InlineData("/q?", "/q")]
    [InlineData("/q??", "/q??")]
    public async Task The_origin_reads_the_canonical_target_byte_for_byte(string sent, string read)
    {
        await using var client = await edge.ConnectAsync();
        var answer = await client.GetAsync(sent);
        Assert.Equal(200, answer.Status);
        Assert.StartsWith($"GET {read} HTTP/1.1\r\n", edge.Origin.Log.All[^1].Text, StringComparison.Ordinal);

        await using var http2 = await edge.ConnectHttp2Async();
        answer = await http2.GetAsync(sent);
        Assert.Equal(200, answer.Status);
        Assert.StartsWith($"GET {read} HTTP/1.1\r\n", edge.Origin.Log.All[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absolute_form_is_sent_on_as_origin_form()
    {
        await using var client = await edge.ConnectAsync();
        var answer = await client.GetAsync("http://A.example:80/x%2f/../y?z", "Host: a.example:80");
        Assert.Equal(200, answer.Status);
        Assert.Equal("/y?z", edge.Origin.Log.All[^1].Target);
        Assert.Equal("a.example", edge.Origin.Log.All[^1].Field("X-Forwarded-Host"));
    }

    [Theory]
    [InlineData("ExAmple.COM.", "example.com")]
    [InlineData("example.com:80", "example.com")]
    [InlineData("Example.com.:8080", "example.com:8080")]
    [InlineData("[2001:DB8::1]:80", "[2001:db8::1]")]
    public async Task Host_has_one_spelling_behind_the_gate(string sent, string read)
    {
        await using var client = await edge.ConnectAsync();
        await client.GetAsync("/host", "Host: " + sent);
        Assert.Equal(read, edge.Origin.Log.All[^1].Field("X-Forwarded-Host"));
        await using var http2 = await edge.ConnectHttp2Async();
        await http2.RequestAsync(RawHttp2Client.Fields("GET", "/host", sent));
        Assert.Equal(read, edge.Origin.Log.All[^1].Field("X-Forwarded-Host"));
    }

    [Theory]
    [InlineData("X-Foo")]
    [InlineData("close, X-Foo")]
    [InlineData("keep-alive, x-foo")]
    [InlineData("keep-alive", "X-Foo")]
    [InlineData("X-Foo", "keep-alive")]
    [InlineData("X-Bar", "X-Foo, close")]
    public async Task Fields_that_Connection_names_end_here(params string[] lines)
    {
        await using var client = await edge.ConnectAsync();
        await client.GetAsync("/connection", ["X-Foo: secret", "X-Kept: yes", .. lines.Select(line => "Connection: " + line)]);
        var request = edge.Origin.Log.All[^1];
        Assert.Equal((null, "yes"), (request.Field("X-Foo"), request.Field("X-Kept")));
    }

    [Fact]
    public async Task Nominations_hold_for_their_own_request_only_and_are_seen_again_on_the_next()
    {
        await using var client = await edge.ConnectAsync();
        for (var i = 0; i < 3; i++)
        {
            await client.GetAsync("/n", "X-Foo: 1", "Connection: X-Foo");
            Assert.Null(edge.Origin.Log.All[^1].Field("X-Foo"));

            // Kestrel reuses an equal first line without decoding it, and then collapses both to keep-alive.
            await client.GetAsync("/n", "X-Foo: 1", "Connection: X-Foo", "Connection: keep-alive");
            Assert.Null(edge.Origin.Log.All[^1].Field("X-Foo"));
            await client.GetAsync("/n", "X-Foo: 1", "Connection: keep-alive, X-Foo");
            Assert.Null(edge.Origin.Log.All[^1].Field("X-Foo"));
            await client.GetAsync("/n", "X-Foo: 1", "Connection: keep-alive");
            Assert.Equal("1", edge.Origin.Log.All[^1].Field("X-Foo"));
            await client.GetAsync("/n", "X-Foo: 1");
            Assert.Equal("1", edge.Origin.Log.All[^1].Field("X-Foo"));
        }
    }

    [Fact]
    public async Task A_Connection_field_in_trailers_does_not_reach_the_next_request()
    {
        await using var client = await edge.ConnectAsync();
        await client.SendAsync(
            "POST /t HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nConnection: X-Foo, Cookie\r\n\r\n");
        Assert.Equal(200, (await client.ReadAnswerAsync("POST")).Status);
        var answer = await client.GetAsync("/t2", "X-Foo: 1");
        Assert.Equal((200, "1"), (answer.Status, edge.Origin.Log.All[^1].Field("X-Foo")));
    }

    public static TheoryData<string> Forged =>
    [
        "X-Real-IP", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "X-Method-Override", "X-Host", "X-Forwarded-Scheme",
        "X-Forwarded-Port", "X-Forwarded-Server", "True-Client-IP", "CF-Connecting-IP", "CF-IPCountry", "X-Geo-Country",
        "CloudFront-Viewer-Country", "Cache-Tag", "Surrogate-Key", "xkey", "Surrogate-Control", "Cache-Status", "X-DistCache-Tier",
        "DistCache-Position", "Client-Cert", "X-SSL-Client-Verify", "Proxy", "X-Middleware-Subrequest", "Soft-Purge",
        "X_Forwarded_For", "X_Real_IP", "Content_Length", "_", "HTTP_PROXY",
    ];

    [Theory]
    [MemberData(nameof(Forged))]
    public async Task A_forged_field_never_reaches_the_origin(string name)
    {
        await using var client = await edge.ConnectAsync();
        foreach (var spelled in new[] { name, name.ToLowerInvariant(), name.ToUpperInvariant() })
        {
            Assert.Equal(200, (await client.GetAsync("/forged", $"{spelled}: poison", "X-Kept: yes")).Status);
            Assert.DoesNotContain("poison", edge.Origin.Log.All[^1].Text, StringComparison.Ordinal);
            Assert.Equal("yes", edge.Origin.Log.All[^1].Field("X-Kept"));
        }

        await using var http2 = await edge.ConnectHttp2Async();
        Assert.Equal(200, (await http2.GetAsync("/forged", $"{name.ToLowerInvariant()}: poison")).Status);
        Assert.DoesNotContain("poison", edge.Origin.Log.All[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_cannot_speak_for_the_proxy_in_forwarded_fields()
    {
        await using var client = await edge.ConnectAsync();
        await client.GetAsync("/xff", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Host: evil", "X-Forwarded-Proto: https", "Forwarded: host=evil");
        var request = edge.Origin.Log.All[^1];
        Assert.DoesNotContain("evil", request.Text, StringComparison.Ordinal);
        Assert.Equal(("127.0.0.1", "http"), (request.Field("X-Forwarded-For"), request.Field("X-Forwarded-Proto")));
    }

    [Fact]
    public async Task A_purge_keeps_its_selectors()
    {
        await using var client = await edge.ConnectAsync();
        await client.RequestAsync("PURGE", "/purge", "Surrogate-Key: a b", "Soft-Purge: 1", "X-Real-IP: poison");
        var request = edge.Origin.Log.All[^1];
        Assert.Equal(("a b", "1", null), (request.Field("Surrogate-Key"), request.Field("Soft-Purge"), request.Field("X-Real-IP")));
    }

    [Fact]
    public async Task Field_values_pass_in_their_bytes()
    {
        await using var client = await edge.ConnectAsync();
        await client.GetAsync("/bytes", "X-A: a\tb  \u00e9\u0080\u00ff");
        Assert.Equal("a\tb  \u00e9\u0080\u00ff", edge.Origin.Log.All[^1].Field("X-A"));
    }

    [Fact]
    public async Task An_expectation_is_sent_on_and_the_body_comes_although_the_origin_does_not_answer_it()
    {
        await using var client = await edge.ConnectAsync();
        await client.SendAsync("POST /expect HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n");
        var interim = await client.ReadBytesAsync("HTTP/1.1 100 Continue\r\n\r\n".Length);
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", Latin1.Text(interim));
        await client.SendAsync("hello");
        Assert.Equal(200, (await client.ReadAnswerAsync("POST")).Status);
        var request = edge.Origin.Log.All[^1];
        Assert.Equal("100-continue", request.Field("Expect"), ignoreCase: true);
        Assert.Equal("hello", Latin1.Text(request.Body));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PATCH")]
    [InlineData("PURGE")]
    [InlineData("LOCK")]
    public async Task A_request_that_must_not_be_repeated_has_a_length_even_without_a_body(string method)
    {
        await using var client = await edge.ConnectAsync();
        Assert.Equal(200, (await client.RequestAsync(method, "/once")).Status);
        Assert.Equal("0", edge.Origin.Log.All[^1].Field("Content-Length"));
        await using var http2 = await edge.ConnectHttp2Async();
        Assert.Equal(200, (await http2.RequestAsync(RawHttp2Client.Fields(method, "/once"))).Status);
        Assert.Equal("0", edge.Origin.Log.All[^1].Field("Content-Length"));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PURGE")]
    public async Task An_origin_that_closes_without_a_byte_gets_such_a_request_once(string method)
    {
        edge.Origin.On("/closes").Answer(_ => new Script().Fin());
        var before = edge.Origin.Requests("/closes").Count;
        await using var client = await edge.ConnectAsync();
        Assert.Equal(502, (await client.RequestAsync(method, "/closes")).Status);
        Assert.Equal(1, edge.Origin.Requests("/closes").Count - before);
    }

    [Fact]
    public async Task Bodies_of_other_methods_pass_whole()
    {
        await using var client = await edge.ConnectAsync();
        await client.SendAsync("DELETE /d HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        Assert.Equal(200, (await client.ReadAnswerAsync("DELETE")).Status);
        Assert.Equal("hello", Latin1.Text(edge.Origin.Log.All[^1].Body));
        await client.SendAsync("PUT /d HTTP/1.1\r\nHost: test\r\nContent-Length: 05\r\n\r\nhello");
        Assert.Equal(200, (await client.ReadAnswerAsync("PUT")).Status);
        Assert.Equal("hello", Latin1.Text(edge.Origin.Log.All[^1].Body));
    }

    [Fact]
    public async Task Max_forwards_counts_down()
    {
        await using var client = await edge.ConnectAsync();
        await client.RequestAsync("OPTIONS", "/m", "Max-Forwards: 5");
        Assert.Equal("4", edge.Origin.Log.All[^1].Field("Max-Forwards"));
    }

    [Fact]
    public async Task Pipelined_requests_are_separate_requests()
    {
        await using var client = await edge.ConnectAsync();
        await client.SendAsync(
            TestKit.Requests.Text("GET", "/one", "Connection: Upgrade", "Upgrade: other") + TestKit.Requests.Text("GET", "/two"));
        await client.ReadAnswerAsync();
        await client.ReadAnswerAsync();
        Assert.Equal(["/one", "/two"], edge.Origin.Log.All.TakeLast(2).Select(request => request.Target));
    }
}
