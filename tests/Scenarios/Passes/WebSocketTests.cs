using System.Net.WebSockets;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Passes;

/// <summary>A WebSocket through the edge (RFC 6455): both directions, whole and in order, with the close code of whoever closes.</summary>
[Collection(PassCollection.Name)]
public class WebSocketTests(PassEdge pass)
{
    private const int MiB = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("plain")]
    [InlineData("cached")]
    public async Task Messages_of_4_MiB_go_both_ways_byte_for_byte(string kind)
    {
        await using var tunnel = await WebSocketTunnel.OpenAsync(pass, kind);
        var (up, down) = (Bodies.Random(4 * MiB, seed: 1), Bodies.Random(4 * MiB, seed: 2));
        using var patience = new CancellationTokenSource(Patience);

        // At the same time: neither direction may wait for the other.
        var sending = tunnel.Client.SendAsync(up, WebSocketMessageType.Binary, endOfMessage: true, patience.Token);
        var answering = tunnel.Origin.SendAsync(down, WebSocketMessageType.Binary, endOfMessage: true, patience.Token);
        var received = await Task.WhenAll(ReadMessageAsync(tunnel.Origin, patience.Token), ReadMessageAsync(tunnel.Client, patience.Token));
        await Task.WhenAll(sending, answering);
        Assert.True(received[0].AsSpan().SequenceEqual(up) && received[1].AsSpan().SequenceEqual(down), "a message came otherwise than it was sent");
    }

    [Fact]
    public async Task A_message_arrives_before_the_next_one_is_sent()
    {
        await using var tunnel = await WebSocketTunnel.OpenAsync(pass, "cached");
        using var patience = new CancellationTokenSource(Patience);
        for (var i = 0; i < 100; i++)
        {
            await tunnel.Client.SendAsync(new byte[] { (byte)i }, WebSocketMessageType.Binary, endOfMessage: true, patience.Token);
            Assert.Equal([(byte)i], await ReadMessageAsync(tunnel.Origin, patience.Token));
            await tunnel.Origin.SendAsync(new byte[] { (byte)~i }, WebSocketMessageType.Binary, endOfMessage: true, patience.Token);
            Assert.Equal([(byte)~i], await ReadMessageAsync(tunnel.Client, patience.Token));
        }
    }

    [Fact]
    public async Task The_close_code_of_the_client_reaches_the_origin()
    {
        await using var tunnel = await WebSocketTunnel.OpenAsync(pass, "plain");
        using var patience = new CancellationTokenSource(Patience);
        await tunnel.Client.CloseOutputAsync((WebSocketCloseStatus)4001, "bye", patience.Token);
        await tunnel.Origin.ReceiveAsync(new byte[10], patience.Token);
        Assert.Equal(((WebSocketCloseStatus)4001, "bye"), (tunnel.Origin.CloseStatus, tunnel.Origin.CloseStatusDescription));
    }

    [Fact]
    public async Task The_close_code_of_the_origin_reaches_the_client()
    {
        await using var tunnel = await WebSocketTunnel.OpenAsync(pass, "plain");
        using var patience = new CancellationTokenSource(Patience);
        await tunnel.Origin.CloseOutputAsync(WebSocketCloseStatus.InternalServerError, "oops", patience.Token);
        await tunnel.Client.ReceiveAsync(new byte[10], patience.Token);
        Assert.Equal((WebSocketCloseStatus.InternalServerError, "oops"), (tunnel.Client.CloseStatus, tunnel.Client.CloseStatusDescription));
    }

    [Fact]
    public async Task The_subprotocol_that_the_origin_chose_is_the_clients()
    {
        await using var tunnel = await WebSocketTunnel.OpenAsync(pass, "cached", "chat.v2", "chat.v1");
        Assert.Contains("Sec-WebSocket-Protocol: chat.v2", tunnel.Head, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("chat.v2", tunnel.Client.SubProtocol);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_one_side_is_reset_the_other_ends_too(bool client)
    {
        await using var tunnel = await WebSocketTunnel.OpenAsync(pass, "plain");
        using var patience = new CancellationTokenSource(Patience);
        if (client)
            tunnel.Client.Abort();
        else
            tunnel.Connection.Reset();
        var other = client ? tunnel.Origin : tunnel.Client;
        await Assert.ThrowsAnyAsync<WebSocketException>(() => other.ReceiveAsync(new byte[10], patience.Token));
    }

    private static async Task<byte[]> ReadMessageAsync(WebSocket socket, CancellationToken cancellation)
    {
        var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        ValueWebSocketReceiveResult read;
        do
        {
            read = await socket.ReceiveAsync(buffer.AsMemory(), cancellation);
            message.Write(buffer, 0, read.Count);
        }
        while (!read.EndOfMessage);
        return message.ToArray();
    }
}
