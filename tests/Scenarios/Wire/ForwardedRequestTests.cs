using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Wire;

/// <summary>Requests that pass: what the origin gets is canonical, and what is cached belongs to it.</summary>
[Collection(WireCollection.Name)]
public class ForwardedRequestTests(WireEdge wire)
{
    [Theory]
    [InlineData("GET /s/../dots HTTP/1.1\r\nHost: h\r\n\r\n", "/dots")]
    [InlineData("GET /s/%2e%2e/dots2 HTTP/1.1\r\nHost: h\r\n\r\n", "/dots2")]
    [InlineData("GET /s/./a/../../dots3 HTTP/1.1\r\nHost: h\r\n\r\n", "/dots3")]
    [InlineData("GET /../../dots4 HTTP/1.1\r\nHost: h\r\n\r\n", "/dots4")]
    [InlineData("GET /%7euser/%41 HTTP/1.1\r\nHost: h\r\n\r\n", "/~user/A")]
    [InlineData("GET /caf%e9 HTTP/1.1\r\nHost: h\r\n\r\n", "/caf%E9")]
    [InlineData("GET /o%c0%af HTTP/1.1\r\nHost: h\r\n\r\n", "/o%C0%AF")]
    [InlineData("GET /f%ff HTTP/1.1\r\nHost: h\r\n\r\n", "/f%FF")]
    [InlineData("GET //two//slashes HTTP/1.1\r\nHost: h\r\n\r\n", "//two//slashes")]
    [InlineData("GET http://h/absolute%2ff HTTP/1.1\r\nHost: h\r\n\r\n", "/absolute%2Ff")]
    [InlineData("GET /q?a=%2f&b=%7e HTTP/1.1\r\nHost: h\r\n\r\n", null)]
    public async Task The_target_that_is_forwarded_is_the_canonical_one_and_the_same_is_stored(string bytes, string? target)
    {
        var reached = await wire.RunAsync(async () =>
        {
            for (var i = 0; i < 2; i++)
            {
                await using var client = await wire.Edge.ConnectAsync();
                await client.SendAsync(bytes);
                var answer = await client.ReadAnswerAsync();
                Assert.Equal(200, answer.Status);
                Assert.Equal(i == 1, answer.IsHit());
            }
        });
        var request = Assert.Single(reached);
        if (target is not null)
            Assert.Equal(target, request.Target);
        Assert.StartsWith($"GET {request.Target} HTTP/1.1\r\n", request.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_escaped_slash_and_an_escaped_percent_sign_stay_two_targets_with_two_stored_responses()
    {
        var reached = await wire.RunAsync(async () =>
        {
            var one = await wire.Edge.GetAsync("/a%2fb");
            var two = await wire.Edge.GetAsync("/a%252fb");
            Assert.NotEqual(one.Text, two.Text);
            Assert.Equal(one.Text, (await wire.Edge.GetAsync("/a%2Fb")).Text);
            Assert.Equal(two.Text, (await wire.Edge.GetAsync("/a%252fb")).Text);
        });
        Assert.Equal(["/a%2Fb", "/a%252fb"], reached.Select(request => request.Target));
    }

    [Fact]
    public async Task A_host_is_keyed_and_forwarded_in_one_spelling()
    {
        var reached = await wire.RunAsync(async () =>
        {
            var first = await wire.Edge.GetAsync("/host", "Host: ExAmple.COM.");
            var second = await wire.Edge.GetAsync("/host", "Host: example.com");
            Assert.Equal((200, 200, true), (first.Status, second.Status, second.IsHit()));
        });
        Assert.Equal("example.com", Assert.Single(reached).Field("X-Forwarded-Host"));
    }

    [Fact]
    public async Task A_port_that_is_no_port_is_refused_or_dropped()
    {
        RawAnswer? answer = null;
        var reached = await wire.RunAsync(async () => answer = await wire.Edge.GetAsync("/port", "Host: a:99999"));
        Assert.Contains(answer!.Status, new[] { 200, 400, 404, 421 });
        Assert.DoesNotContain(reached, request => request.Text.Contains("99999", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Connection: X-Foo")]
    [InlineData("Connection: close, X-Foo")]
    [InlineData("Connection: X-Foo|Connection: keep-alive")]
    [InlineData("Connection: keep-alive|Connection: x-foo")]
    public async Task A_field_that_Connection_names_is_not_forwarded_RFC_9110_7_6_1(string lines)
    {
        string[] fieldLines = [.. lines.Split('|'), "X-Foo: secret", "X-Bar: kept"];
        var reached = await wire.RunAsync(async () => Assert.Equal(200, (await wire.Edge.GetAsync($"/nominated/{lines.GetHashCode(StringComparison.Ordinal)}", fieldLines)).Status));
        var request = Assert.Single(reached);
        Assert.False(request.Fields.Has("X-Foo"), request.Text);
        Assert.Equal("kept", request.Field("X-Bar"));
    }

    [Fact]
    public async Task A_remembered_Connection_line_still_removes_what_it_names_on_the_next_request_of_the_connection()
    {
        var reached = await wire.RunAsync(async () =>
        {
            await using var client = await wire.Edge.ConnectAsync();
            for (var i = 0; i < 3; i++)
                Assert.Equal(200, (await client.GetAsync($"/nominated-again/{i}", "Connection: X-Foo", "Connection: keep-alive", "X-Foo: secret")).Status);
        });
        Assert.Equal(3, reached.Count);
        Assert.All(reached, request => Assert.False(request.Fields.Has("X-Foo"), request.Text));
    }

    [Fact]
    public async Task Expect_100_continue_is_forwarded_and_the_body_comes_although_the_origin_does_not_answer_it_RFC_9110_10_1_1()
    {
        var reached = await wire.RunAsync(async () =>
        {
            await using var client = await wire.Edge.ConnectAsync();
            await client.SendAsync("POST /expect HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
            Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", Latin1.Text(await client.ReadBytesAsync(25)));
            await client.SendAsync("hello");
            Assert.Equal(200, (await client.ReadAnswerAsync("POST")).Status);
        });
        var request = Assert.Single(reached);
        Assert.Equal("100-continue", request.Field("Expect"));
        Assert.Equal("hello", Latin1.Text(request.Body));
    }

    [Fact]
    public async Task Forwarding_fields_of_the_client_are_replaced()
    {
        var reached = await wire.RunAsync(() => wire.Edge.GetAsync(
            "/xff", "Host: site.test", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Host: evil", "X-Forwarded-Proto: https", "X-Forwarded-Prefix: /evil",
            "Forwarded: for=6.6.6.6;host=evil"));
        var request = Assert.Single(reached);
        Assert.Equal(("127.0.0.1", "site.test", "http"), (request.Field("X-Forwarded-For"), request.Field("X-Forwarded-Host"), request.Field("X-Forwarded-Proto")));
        Assert.DoesNotContain("evil", request.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("6.6.6.6", request.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Real-IP")]
    [InlineData("X-Original-URL")]
    [InlineData("X-Rewrite-URL")]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("X-Host")]
    [InlineData("X-Forwarded-Scheme")]
    [InlineData("X-Forwarded-Port")]
    [InlineData("Cache-Tag")]
    [InlineData("Surrogate-Key")]
    [InlineData("X_Forwarded_For")]
    [InlineData("X_Anything")]
    [InlineData("X-Geo-Country")]
    [InlineData("CF-IPCountry")]
    [InlineData("CloudFront-Viewer-Country")]
    [InlineData("True-Client-IP")]
    [InlineData("Cache-Status")]
    public async Task A_field_that_only_the_edge_may_write_does_not_pass(string name)
    {
        var reached = await wire.RunAsync(() => wire.Edge.GetAsync($"/forged/{name}", $"{name}: forged-value"));
        foreach (var request in reached)
            Assert.DoesNotContain("forged-value", request.Text, StringComparison.Ordinal);
        Assert.InRange(reached.Count, 0, 1); // Refused altogether is right as well.
    }

    [Fact]
    public async Task A_request_for_an_upgrade_and_one_behind_it_are_two_requests()
    {
        var reached = await wire.RunAsync(async () =>
        {
            await using var client = await wire.Edge.ConnectAsync();
            await client.SendAsync(
                Requests.Text("GET", "/upgrade", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")
                + Requests.Text("GET", "/behind"));
            Assert.Equal("clean /upgrade", (await client.ReadAnswerAsync()).Text);
            Assert.Equal("clean /behind", (await client.ReadAnswerAsync()).Text);
        });
        Assert.Equal(["/upgrade", "/behind"], reached.Select(request => request.Target));
    }

    [Theory]
    [InlineData("cold")]
    [InlineData("stored")]
    public async Task Fifteen_hundred_overlapping_ranges_do_not_multiply_the_body(string state)
    {
        const int length = 100_000;
        var target = $"/ranges/{state}";
        wire.Origin.On(target).Answer(Answers.Ok(Bodies.Random(length), "Cache-Control: max-age=60", "ETag: \"r\""));
        await wire.RunAsync(async () =>
        {
            if (state == "stored")
                await wire.Edge.GetAsync(target);
            var answer = await wire.Edge.GetAsync(target, $"Range: bytes={string.Join(',', Enumerable.Repeat("0-", 1500))}");
            Assert.Contains(answer.Status, new[] { 200, 416 });
            Assert.InRange(answer.BodyLength, 0, length * 11 / 10);
        });
    }
}
