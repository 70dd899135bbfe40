using System.Net;
using System.Net.Sockets;

namespace DistCache.TestKit;

/// <summary>Accepts on 127.0.0.1 and ends with everything that it accepted.</summary>
internal sealed class OriginListener : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _serving = [];
    private readonly Task _accepting;
    private int _accepted;

    public OriginListener(int port, Func<int, Socket, CancellationToken, Task> serve)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen(1024);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = Task.Run(() => AcceptAsync(serve));
    }

    public int Port { get; }

    public int Accepted => _accepted;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_serving);
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Func<int, Socket, CancellationToken, Task> serve)
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stopping.Token);
                socket.NoDelay = true;
                var index = Interlocked.Increment(ref _accepted) - 1;
                _serving.RemoveAll(task => task.IsCompletedSuccessfully);
                _serving.Add(Task.Run(() => serve(index, socket, _stopping.Token)));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }
}
