using System.Net;
using System.Net.Sockets;

namespace DistCache.TestKit;

/// <summary>One connection through a <see cref="FaultProxy"/>: two sockets, two directions, one end.</summary>
internal sealed class FaultyConnection(Socket client, int seed) : IDisposable
{
    private readonly Socket _target = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _reset = new();

    public void Reset()
    {
        try
        {
            _reset.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Ended by itself meanwhile.
        }
    }

    /// <summary>Ends when both directions have, in order; one that breaks resets both ends.</summary>
    public async Task PassAsync(int port, FaultyLink there, FaultyLink back, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_reset.Token, stopping);
        try
        {
            await _target.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), end.Token);
            Task[] directions =
            [
                new FaultyPipe(client, _target, there, seed * 2).PassAsync(end.Token),
                new FaultyPipe(_target, client, back, (seed * 2) + 1).PassAsync(end.Token),
            ];
            await foreach (var ended in Task.WhenEach(directions))
                if (!ended.IsCompletedSuccessfully)
                    await end.CancelAsync();
            await Task.WhenAll(directions);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException or BrokenLinkException)
        {
            TcpReset.Send(client);
            TcpReset.Send(_target);
        }
    }

    public void Dispose()
    {
        client.Dispose();
        _target.Dispose();
        _reset.Dispose();
    }
}
