using System.Net.WebSockets;
using System.Security.Cryptography;
using DistCache.TestKit;

namespace DistCache.Scenarios.Passes;

/// <summary>A client's WebSocket, the origin's end of it, and the edge between.</summary>
internal sealed class WebSocketTunnel : IAsyncDisposable
{
    private WebSocketTunnel(ClientWebSocket client, WebSocket origin, HandConnection connection, string head) =>
        (Client, Origin, Connection, Head) = (client, origin, connection, head);

    public ClientWebSocket Client { get; }

    public WebSocket Origin { get; }

    /// <summary>Under the origin's end.</summary>
    public HandConnection Connection { get; }

    /// <summary>The request that the origin got.</summary>
    public string Head { get; }

    /// <param name="protocols">The client's; the origin chooses the first.</param>
    public static async Task<WebSocketTunnel> OpenAsync(PassEdge pass, string kind, params string[] protocols)
    {
        var (origin, prefix) = pass.Take(kind);
        var client = new ClientWebSocket();
        foreach (var protocol in protocols)
            client.Options.AddSubProtocol(protocol);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var connecting = client.ConnectAsync(new Uri($"ws://127.0.0.1:{pass.Edge.Port}{prefix}/socket"), patience.Token);
        var connection = await origin.AcceptAsync();
        var head = await connection.ReadHeadAsync();
        await connection.SendAsync(Accepting(head, protocols.FirstOrDefault()));
        await connecting;
        var end = WebSocket.CreateFromStream(connection.Stream, new WebSocketCreationOptions { IsServer = true, SubProtocol = protocols.FirstOrDefault() });
        return new WebSocketTunnel(client, end, connection, head);
    }

    /// <summary>101 to this handshake (RFC 6455 §4.2.2).</summary>
    public static string Accepting(string head, string? protocol = null)
    {
        var key = head.Split("\r\n").First(line => line.StartsWith("Sec-WebSocket-Key:", StringComparison.OrdinalIgnoreCase)).Split(':', 2)[1].Trim();
#pragma warning disable CA5350 // RFC 6455 asks for SHA-1.
        var accept = Convert.ToBase64String(SHA1.HashData(Latin1.Bytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        return $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n"
            + (protocol is null ? "\r\n" : $"Sec-WebSocket-Protocol: {protocol}\r\n\r\n");
    }

    public ValueTask DisposeAsync()
    {
        Client.Dispose();
        Origin.Dispose();
        Connection.Reset();
        return default;
    }
}
