using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Passes;

/// <summary>Upgrades on the wire (RFC 9110 §7.8): accepted, refused, unknown; and CONNECT, which is always refused.</summary>
[Collection(PassCollection.Name)]
public class UpgradeTests(PassEdge pass)
{
    private static readonly string[] WebSocketFields =
        ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="];

    [Fact]
    public async Task Bytes_sent_behind_the_upgrade_before_it_was_accepted_reach_the_origin_once_it_is()
    {
        var (origin, prefix) = pass.Take("cached");
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("GET", prefix + "/early", WebSocketFields) + "early bytes");
        var connection = await origin.AcceptAsync();
        await connection.SendAsync(WebSocketTunnel.Accepting(await connection.ReadHeadAsync()) + "first words");
        Assert.Equal(101, (await client.ReadHeadAsync()).Status);
        Assert.Equal("first words", Latin1.Text(await client.ReadBytesAsync(11)));
        Assert.Equal("early bytes", Latin1.Text(await connection.ReadAsync(11)));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("cached")]
    public async Task A_half_closed_tunnel_still_carries_the_other_direction(string kind)
    {
        var (origin, prefix) = pass.Take(kind);
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("GET", prefix + "/half", WebSocketFields));
        var connection = await origin.AcceptAsync();
        await connection.SendAsync(WebSocketTunnel.Accepting(await connection.ReadHeadAsync()));
        Assert.Equal(101, (await client.ReadHeadAsync()).Status);
        await connection.SendAsync("all that was asked for");
        connection.HalfClose();
        Assert.Equal("all that was asked for", Latin1.Text(await client.ReadBytesAsync(22)));
        Assert.NotEqual(ConnectionEnd.Open, await client.ReadEndAsync());
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("cached")]
    public async Task A_refused_upgrade_is_the_origins_answer_and_the_connection_goes_on(string kind)
    {
        var (origin, prefix) = pass.Take(kind);
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("GET", prefix + "/refused", WebSocketFields));
        var connection = await origin.AcceptAsync();
        await connection.ReadHeadAsync();
        await connection.SendAsync(Answers.WithLength("403 Forbidden", Latin1.Bytes("not you"), "X-Why: because"));
        var answer = await client.ReadAnswerAsync();
        Assert.Equal((403, "not you", "because"), (answer.Status, answer.Text, answer.Field("X-Why")));
        Assert.Null(answer.Field("Upgrade"));

        await client.SendAsync(Requests.Text("GET", prefix + "/next"));
        var next = await origin.AcceptAsync(); // Upgrades have connections of their own.
        await next.ReadHeadAsync();
        await next.SendAsync(Answers.Ok("next", "Cache-Control: no-store"));
        Assert.Equal("next", (await client.ReadAnswerAsync()).Text);
    }

    [Fact]
    public async Task An_upgrade_is_never_answered_from_what_is_stored_nor_stored()
    {
        var (origin, prefix) = pass.Take("cached");
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("GET", prefix + "/both"));
        var connection = await origin.AcceptAsync();
        await connection.ReadHeadAsync();
        await connection.SendAsync(Answers.Ok("page", "Cache-Control: max-age=600"));
        Assert.Equal("page", (await client.ReadAnswerAsync()).Text);
        await client.SendAsync(Requests.Text("GET", prefix + "/both", WebSocketFields));
        var upgrade = await origin.AcceptAsync();
        Assert.Contains("Upgrade: websocket", await upgrade.ReadHeadAsync(), StringComparison.OrdinalIgnoreCase);
        await upgrade.SendAsync(Answers.Ok("no socket here", "Cache-Control: max-age=600"));
        Assert.Equal("no socket here", (await client.ReadAnswerAsync()).Text);
        var stored = await pass.Edge.GetAsync(prefix + "/both");
        Assert.Equal(("page", true), (stored.Text, stored.IsHit()));
    }

    [Theory]
    [InlineData("h2c")]
    [InlineData("TLS/1.0")]
    [InlineData("foo, websocket/9")]
    public async Task An_upgrade_that_the_edge_does_not_know_is_left_out_and_the_request_goes_on_RFC_9110_7_8(string protocol)
    {
        var (origin, prefix) = pass.Take();
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("GET", prefix + "/other", "Connection: Upgrade, HTTP2-Settings", $"Upgrade: {protocol}", "HTTP2-Settings: AAMAAABkAAQAAP__"));
        var connection = await origin.AcceptAsync();
        var head = await connection.ReadHeadAsync();
        Assert.DoesNotContain("Upgrade", head, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("HTTP2-Settings", head, StringComparison.OrdinalIgnoreCase);
        await connection.SendAsync(Answers.Ok("as ever"));
        Assert.Equal((200, "as ever"), await client.ReadAnswerAsync() is var answer ? (answer.Status, answer.Text) : default);
    }

    [Fact]
    public async Task SPDY_as_Kubernetes_speaks_it_is_a_tunnel_too()
    {
        var (origin, prefix) = pass.Take();
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("POST", prefix + "/exec", "Connection: Upgrade", "Upgrade: SPDY/3.1", "Content-Length: 0"));
        var connection = await origin.AcceptAsync();
        Assert.Contains("Upgrade: SPDY/3.1", await connection.ReadHeadAsync(), StringComparison.OrdinalIgnoreCase);
        await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
        Assert.Equal(101, (await client.ReadHeadAsync()).Status);
        await client.SendAsync("ping");
        Assert.Equal("ping", Latin1.Text(await connection.ReadAsync(4)));
        await connection.SendAsync("pong");
        Assert.Equal("pong", Latin1.Text(await client.ReadBytesAsync(4)));
    }

    [Fact]
    public async Task A_WebSocket_over_HTTP2_is_one_over_HTTP1_for_the_origin_RFC_8441()
    {
        var (origin, prefix) = pass.Take();
        await using var client = await pass.Edge.ConnectHttp2Async();
        var stream = client.NewStreamId();
        await client.SendHeadersAsync(
            stream,
            [
                new(":method", "CONNECT"), new(":protocol", "websocket"), new(":scheme", "https"), new(":authority", "test"),
                new(":path", prefix + "/socket"), new("sec-websocket-version", "13"),
            ],
            endStream: false);
        var connection = await origin.AcceptAsync();
        var head = await connection.ReadHeadAsync();
        Assert.StartsWith($"GET {prefix}/socket HTTP/1.1\r\n", head, StringComparison.Ordinal);
        await connection.SendAsync(WebSocketTunnel.Accepting(head));
        Assert.Equal(200, (await client.ReadHeadAsync(stream))!.Status);
        await client.SendDataAsync(stream, "ping"u8.ToArray(), endStream: false);
        Assert.Equal("ping", Latin1.Text(await connection.ReadAsync(4)));
        await connection.SendAsync("pong");
        await client.WaitForBodyAsync(stream, 4);
    }

    [Fact]
    public async Task CONNECT_is_refused_and_the_connection_closed()
    {
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync("CONNECT origin.test:443 HTTP/1.1\r\nHost: origin.test:443\r\n\r\n");
        var answer = await client.ReadAnswerAsync();
        Assert.Equal(405, answer.Status);
        Assert.NotEqual(ConnectionEnd.Open, await client.ReadEndAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("connect-udp")]
    public async Task CONNECT_over_HTTP2_is_refused_whatever_it_asks_for(string? protocol)
    {
        await using var client = await pass.Edge.ConnectHttp2Async();
        List<FieldLine> fields = [new(":method", "CONNECT"), new(":authority", "origin.test:443")];
        if (protocol is not null)
            fields.AddRange([new(":protocol", protocol), new(":scheme", "https"), new(":path", "/x")]);
        var answer = await client.RequestAsync(fields);
        Assert.True(answer is { Status: 405 } || answer.WasCut, answer.ToString());
    }
}
