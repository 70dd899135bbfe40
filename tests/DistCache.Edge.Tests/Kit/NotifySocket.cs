using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace DistCache.Edge.Tests.Kit;

/// <summary>What systemd is to a service: a datagram socket that is always read (sd_notify(3)). A full one would block its senders.</summary>
internal sealed class NotifySocket : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Channel<string> _messages = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource _fed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    public NotifySocket(string path)
    {
        Path = path;
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _reading = ReadAsync();
    }

    /// <summary>For <c>NOTIFY_SOCKET</c>.</summary>
    public string Path { get; }

    /// <summary>The watchdog has been fed.</summary>
    public Task Fed => _fed.Task;

    /// <summary>The next message that is not about the watchdog.</summary>
    public async Task<string> NextAsync() => await _messages.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _reading;
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[4096];
        while (true)
        {
            try
            {
                var message = Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer));
                if (message == "WATCHDOG=1")
                    _fed.TrySetResult();
                else
                    await _messages.Writer.WriteAsync(message);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return; // disposed
            }
        }
    }
}
