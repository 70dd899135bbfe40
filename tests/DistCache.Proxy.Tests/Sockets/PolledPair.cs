using System.Buffers;
using System.Net;
using System.Net.Sockets;
using DistCache.Proxy.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace DistCache.Proxy.Tests.Sockets;

/// <summary>A connection of the data port's transport as its application has it, and the client's socket at its other end.</summary>
internal sealed class PolledPair : IAsyncDisposable
{
    private readonly PolledListener _listener;

    private PolledPair(PolledListener listener, Socket client, PolledConnection server) => (_listener, Client, Server) = (listener, client, server);

    public Socket Client { get; }

    public PolledConnection Server { get; }

    public static async Task<PolledPair> StartAsync(int? receiveBuffer = null, TimeProvider? time = null)
    {
        PollLoop.StartAll();
        var listener = new PolledListener(new(IPAddress.Loopback, 0), MemoryPool<byte>.Shared, time ?? TimeProvider.System, NullLogger.Instance);
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } bytes)
            client.ReceiveBufferSize = bytes;
        var accepting = listener.AcceptAsync();
        await client.ConnectAsync(listener.EndPoint);
        return new(listener, client, (PolledConnection)(await accepting)!);
    }

    public Task SendAsync(byte[] bytes) => Client.SendAsync(bytes).WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>So many bytes, or those until the end.</summary>
    public async Task<byte[]> ReceiveAsync(int count)
    {
        var all = new byte[count];
        var at = 0;
        while (at < count && await Client.ReceiveAsync(all.AsMemory(at)).AsTask().WaitAsync(TimeSpan.FromSeconds(30)) is > 0 and var received)
            at += received;
        return all[..at];
    }

    /// <summary>What the application reads next.</summary>
    public async Task<byte[]> ReadAsync()
    {
        var input = Server.Transport.Input;
        var read = await input.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        var bytes = read.Buffer.ToArray();
        input.AdvanceTo(read.Buffer.End);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        await _listener.DisposeAsync();
    }
}
