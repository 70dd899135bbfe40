using System.Net.Sockets;

namespace DistCache.TestKit;

/// <summary>One connection to a <see cref="HandOrigin"/>. Nothing is read ahead: what was not asked for stays in the kernel and holds the edge back.</summary>
public sealed class HandConnection(Socket socket)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The bytes behind what was read so far, for a protocol that takes over.</summary>
    public Stream Stream { get; } = new NetworkStream(socket, ownsSocket: false);

    /// <summary>Request line and fields, to the empty line.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new List<byte>();
        while (!head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await ReadAsync(1) is not [var next])
                throw new WireException($"The edge ended within a head: {Latin1.Show([.. head])}");
            head.Add(next);
        }

        return Latin1.Text([.. head]);
    }

    /// <summary>Exactly <paramref name="count"/> bytes, fewer only when the edge ended.</summary>
    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        var length = 0;
        while (length < count && await ReadSomeAsync(bytes.AsMemory(length)) is > 0 and var read)
            length += read;
        return bytes[..length];
    }

    /// <summary>At least one byte; 0 when the edge ended, in order or by a reset.</summary>
    public async Task<int> ReadSomeAsync(Memory<byte> buffer)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await Stream.ReadAsync(buffer, patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new WireException($"The edge was silent for {Patience}.");
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Takes what still comes, and returns once the edge has ended.</summary>
    public async Task ReadEndAsync()
    {
        var buffer = new byte[64 * 1024];
        while (await ReadSomeAsync(buffer) > 0)
        {
            // Only the end counts.
        }
    }

    public Task SendAsync(string text) => SendAsync(Latin1.Bytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var patience = new CancellationTokenSource(Patience);
        await Stream.WriteAsync(bytes, patience.Token);
    }

    /// <summary>FIN; the other direction stays open.</summary>
    public void HalfClose() => socket.Shutdown(SocketShutdown.Send);

    public void Reset() => TcpReset.Send(socket);
}
