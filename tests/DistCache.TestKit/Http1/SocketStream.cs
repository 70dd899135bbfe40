using System.Net.Sockets;

namespace DistCache.TestKit;

/// <summary>
/// A connection whose reads end where the peer has reset it, and say so in <see cref="WasReset"/> instead of throwing: the runtime writes the whole call
/// stack into the exception of a failed receive as text, which was a good part of what thousands of cut connections cost. A read that is given up
/// goes on, and the next one has what it brings.
/// </summary>
internal sealed class SocketStream : NetworkStream
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(32 * 1024);
    private readonly SocketAsyncEventArgs _receiving = new();
    private TaskCompletionSource? _received;
    private int _start;
    private int _end;

    public SocketStream(Socket socket)
        : base(socket, ownsSocket: false)
    {
        _receiving.SetBuffer(_buffer);
        _receiving.Completed += (_, _) => _received!.SetResult();
    }

    public bool WasReset { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_start == _end)
        {
            await ReceiveAsync().WaitAsync(cancellationToken);
            _received = null;
            WasReset |= IsReset(_receiving.SocketError);
            if (_receiving.SocketError != SocketError.Success && !WasReset)
                throw new IOException(null, new SocketException((int)_receiving.SocketError));
            (_start, _end) = (0, WasReset ? 0 : _receiving.BytesTransferred);
        }

        var some = _buffer.AsSpan(_start, Math.Min(buffer.Length, _end - _start));
        some.CopyTo(buffer.Span);
        _start += some.Length;
        return some.Length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _receiving.Dispose();
        base.Dispose(disposing);
    }

    internal static bool IsReset(SocketError error) =>
        error is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown or SocketError.OperationAborted or SocketError.NotConnected;

    private Task ReceiveAsync()
    {
        if (_received is { } underWay)
            return underWay.Task;
        _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            return Socket.ReceiveAsync(_receiving) ? _received.Task : Task.CompletedTask;
        }
        catch
        {
            _received = null; // else the next read would wait for what never began
            throw;
        }
    }
}
