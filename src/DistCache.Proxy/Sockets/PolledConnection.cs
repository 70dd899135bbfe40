using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace DistCache.Proxy.Sockets;

/// <summary>
/// A connection that a <see cref="PollLoop"/> watches, as Kestrel wants it: a pipe each way. In front of the one that leads up an <see cref="IEarlyReader"/> may answer
/// what has come, straight from the socket to the socket.
/// </summary>
/// <remarks>
/// 1. Only the loop's thread receives. 2. The application's bytes are sent where it flushes them. 3. An early answer is sent only while the application's reader waits
/// with nothing buffered above or below it: the batch that it waits for is the one that comes (<c>_batch</c>), and all that the application has written has been sent
/// (<c>_sent</c>). So answers keep the order of their requests. 4. The socket is closed once, by <see cref="Shutdown"/>; the rest of the end happens on the loop's thread.
/// </remarks>
internal sealed partial class PolledConnection : DefaultConnectionContext, IConnectionSocketFeature, IMemoryPoolFeature, IDuplexPipe
{
    /// <summary>As Kestrel's transport has them by default.</summary>
    private const long MostReceivedAhead = 1 << 20;
    private const long MostUnsent = 64 << 10;

    private static long _lastId = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) & long.MaxValue >> 1;

    private readonly Socket _socket;
    private readonly SafeSocketHandle _handle;
    private readonly PollLoop _loop;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Pipe _in;
    private readonly Pipe _out;
    private readonly SentWriter _writer;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GCHandle _self;
    private Task _sending = Task.CompletedTask;
    private Exception? _reason; // not null: the socket is being closed
    private bool _isClosed; // it is, and no event of it will come any more

    public PolledConnection(Socket socket, MemoryPool<byte> memory, PollLoop loop, TimeProvider time, ILogger log)
        : base(Interlocked.Increment(ref _lastId).ToString("X", CultureInfo.InvariantCulture))
    {
        (_socket, _handle, _loop, _time, _log, MemoryPool) = (socket, socket.SafeHandle, loop, time, log, memory);
        _in = new(new(memory, PipeScheduler.Inline, PipeScheduler.Inline, MostReceivedAhead, MostReceivedAhead / 2, useSynchronizationContext: false));
        _out = new(new(memory, PipeScheduler.Inline, PipeScheduler.Inline, MostUnsent, MostUnsent / 2, useSynchronizationContext: false));
        _writer = new(_out.Writer);
        Transport = Application = this;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closing.Token;
        Features.Set<IConnectionSocketFeature>(this);
        Features.Set<IMemoryPoolFeature>(this);
        Features.Set(this);
    }

    public MemoryPool<byte> MemoryPool { get; }

    Socket IConnectionSocketFeature.Socket => _socket;

    PipeReader IDuplexPipe.Input => _in.Reader;

    PipeWriter IDuplexPipe.Output => _writer;

    private bool IsShut => Volatile.Read(ref _reason) is not null;

    /// <summary>Begins to send and to receive.</summary>
    /// <exception cref="IOException">The system does not watch one more socket.</exception>
    public void Start()
    {
        _self = GCHandle.Alloc(this);
        try
        {
            _loop.Add(_handle, GCHandle.ToIntPtr(_self));
        }
        catch
        {
            _self.Free();
            throw;
        }
        _sending = SendAsync();
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        Shutdown(abortReason);
        _out.Reader.CancelPendingRead();
    }

    public override async ValueTask DisposeAsync()
    {
        _in.Reader.Complete();
        _writer.Complete();
        await _sending;
        await _ended.Task;
        _closing.Dispose();
    }

    /// <summary>Of the loop: something about the socket is different.</summary>
    public void OnEvents(uint events)
    {
        try
        {
            if ((events & (Libc.Writable | Libc.Failed)) != 0)
                OnWritable();
            if ((events & ~Libc.Writable) != 0)
                Receive((events & (Libc.PeerEnded | Libc.Failed)) != 0);
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    /// <summary>Of the loop: it was posted.</summary>
    public void OnPosted()
    {
        try
        {
            if (Volatile.Read(ref _isClosed)) // Shutdown posts behind it, so this is never missed, whatever the rest of the connection throws
            {
                OnClosed();
                return;
            }
            if (_pending is not null)
                OnWritable();
            if (!IsShut)
                Receive(hasPeerEnded: true);
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    /// <summary>A defect: this connection ends by it, and the others go on.</summary>
    private void Fail(Exception defect)
    {
        Log.ConnectionFailed(_log, defect);
        Shutdown(defect);
    }

    /// <summary>Closes the socket: with a reason by a reset, so that a cut answer never looks whole.</summary>
    private void Shutdown(Exception? reason)
    {
        lock (_gate)
        {
            if (_reason is not null)
                return;
            Volatile.Write(ref _reason, reason ?? new ConnectionAbortedException("All has been sent, and the connection is closed."));
            try
            {
                _loop.Remove(_handle);
                if (reason is null)
                    _socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The peer was quicker.
            }
            if (reason is null)
                _socket.Dispose();
            else
                _socket.Close(timeout: 0);
            Volatile.Write(ref _isClosed, true);
        }
        _loop.Post(this);
    }

    private void OnClosed()
    {
        try
        {
            EndPending();
            _writable.Set();
        }
        finally
        {
            EndInput(_reason); // last: whoever has waited for the end finds all given back
            if (_self.IsAllocated)
                _self.Free();
        }
    }

    // On the pool: what was registered for it may take its time.
    private void TellClosed() => ThreadPool.UnsafeQueueUserWorkItem(
        static connection =>
        {
            try
            {
                connection._closing.Cancel();
            }
            catch (Exception e)
            {
                Log.ConnectionEndFailed(connection._log, e);
            }
            connection._ended.TrySetResult();
        },
        this,
        preferLocal: false);
}
