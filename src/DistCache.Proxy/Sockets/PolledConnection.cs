using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using DistCache.Storage.Bodies;
using DistCache.Storage.Memory;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

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

    private const int LeastToReceive = 2048;

    /// <summary>Receives before others have their turn.</summary>
    private const int MostTurns = 16;

    private const int Closed = 0;
    private const int Open = 1;
    private const int Reading = 2;

    private static long _lastId = DateTime.UtcNow.Ticks;

    private readonly Socket _socket;
    private readonly SafeSocketHandle _handle;
    private readonly PollLoop _loop;
    private GCHandle _self;
    private readonly Pipe _in;
    private readonly Pipe _out;
    private readonly SentWriter _writer;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _sending = Task.CompletedTask;
    private Exception? _reason; // not null: the socket is closed
    private bool _isPaused;
    private bool _hasEnded;

    private IEarlyReader? _early;
    private int _earlyState;
    private long _earlyBatch;
    private long _earlySent;
    private long _batch;

    public PolledConnection(Socket socket, MemoryPool<byte> memory, PollLoop loop)
        : base(Interlocked.Increment(ref _lastId).ToString("X", CultureInfo.InvariantCulture))
    {
        (_socket, _handle, _loop, MemoryPool) = (socket, socket.SafeHandle, loop, memory);
        _in = new(new(memory, PipeScheduler.Inline, PipeScheduler.Inline, MostReceivedAhead, MostReceivedAhead / 2, useSynchronizationContext: false));
        _out = new(new(memory, PipeScheduler.Inline, PipeScheduler.Inline, MostUnsent, MostUnsent / 2, useSynchronizationContext: false));
        _writer = new(_out.Writer);
        Transport = Application = this;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Features.Set<IConnectionSocketFeature>(this);
        Features.Set<IMemoryPoolFeature>(this);
        Features.Set(this);
        _self = GCHandle.Alloc(this);
    }

    public MemoryPool<byte> MemoryPool { get; }

    Socket IConnectionSocketFeature.Socket => _socket;

    PipeReader IDuplexPipe.Input => _in.Reader;

    PipeWriter IDuplexPipe.Output => _writer;

    private bool IsShut => Volatile.Read(ref _reason) is not null;

    /// <summary>Begins to send and to receive.</summary>
    public void Start()
    {
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
        _closed.Dispose();
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
            Shutdown(e); // of this connection, whatever it was: the others go on
        }
    }

    /// <summary>Of the loop: it was posted.</summary>
    public void OnPosted()
    {
        try
        {
            if (!IsShut)
                Receive(hasPeerEnded: true);
            if (IsShut)
                OnShut();
        }
        catch (Exception e)
        {
            Shutdown(e);
        }
    }

    private void Receive(bool hasPeerEnded)
    {
        if (_isPaused || _hasEnded)
            return;
        try
        {
            for (var turn = 0; turn < MostTurns; turn++)
            {
                var received = ReceiveOnce(out var asked);
                if (received == 0)
                {
                    EndInput(null);
                    return;
                }
                // A short read has emptied the socket; the end of the stream may still be there to be read.
                if (received < 0 || _isPaused || _hasEnded || (received < asked && !hasPeerEnded))
                    return;
            }
            _loop.Post(this);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            EndInput(_reason ?? (e is SocketException { SocketErrorCode: SocketError.ConnectionReset } ? new ConnectionResetException(e.Message, e) : e));
        }
    }

    private unsafe int ReceiveOnce(out int asked)
    {
        if (TryBeginEarly())
            return ReceiveEarly(out asked);
        var memory = _in.Writer.GetMemory(LeastToReceive);
        asked = memory.Length;
        int received;
        fixed (byte* into = memory.Span)
            received = Libc.Receive(_handle, into, asked);
        if (received > 0)
        {
            Volatile.Write(ref _batch, _batch + 1);
            _in.Writer.Advance(received);
            FlushInput();
        }
        return received;
    }

    private void FlushInput()
    {
        var flush = _in.Writer.FlushAsync();
        if (flush.IsCompletedSuccessfully)
        {
            if (flush.Result.IsCompleted)
                EndInput(null); // nobody reads any more
            return;
        }
        _isPaused = true;
        _ = ResumeAsync(flush);
    }

    private async Task ResumeAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            await flush;
        }
        catch (Exception e)
        {
            Shutdown(e);
        }
        _isPaused = false;
        _loop.Post(this);
    }

    private void OnShut()
    {
        EndInput(_reason);
        EndPending();
        if (_self.IsAllocated)
            _self.Free();
    }

    /// <summary>Nothing more will be received: the application learns it.</summary>
    private void EndInput(Exception? reason)
    {
        if (_hasEnded)
            return;
        _hasEnded = true;
        _in.Writer.Complete(reason);
        ThreadPool.UnsafeQueueUserWorkItem(
            static connection =>
            {
                try
                {
                    connection._closed.Cancel();
                }
                finally
                {
                    connection._ended.TrySetResult();
                }
            },
            this,
            preferLocal: false);
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
        }
        _loop.Post(this);
    }
}
