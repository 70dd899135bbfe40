using System.Net.Sockets;
using System.Threading.Channels;

namespace DistCache.TestKit;

/// <summary>An origin on 127.0.0.1 that the test plays by hand: it accepts, and does nothing that it was not told.</summary>
public sealed class HandOrigin : IAsyncDisposable
{
    private readonly Channel<HandConnection> _accepted = Channel.CreateUnbounded<HandConnection>();
    private readonly OriginListener _listener;

    private HandOrigin() => _listener = new OriginListener(0, Keep);

    public Uri Url => new($"http://127.0.0.1:{_listener.Port}");

    /// <summary>Connections accepted so far.</summary>
    public int Connections => _listener.Accepted;

    public static HandOrigin Start() => new();

    /// <summary>The next connection of the edge; waits 30 s at most.</summary>
    public async Task<HandConnection> AcceptAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            return await _accepted.Reader.ReadAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new WireException("The edge did not connect to the origin within 30 s.");
        }
    }

    /// <summary>Stops listening and closes what is open.</summary>
    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task Keep(int index, Socket socket, CancellationToken stopping)
    {
        using (socket)
        {
            await _accepted.Writer.WriteAsync(new HandConnection(socket), CancellationToken.None);
            await Task.Delay(Timeout.Infinite, stopping).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}
