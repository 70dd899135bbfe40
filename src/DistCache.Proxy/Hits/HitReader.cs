using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Sockets;
using DistCache.Storage.Memory;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace DistCache.Proxy.Hits;

/// <summary>
/// What Kestrel reads an HTTP/1.1 connection from. Between two requests it looks at the bytes first: plain requests with a known hit are
/// answered here, in their order, and Kestrel never sees them. All other bytes pass, from the first that is not plain on, until the request
/// that they belong to has been answered. Where the connection's own socket is at hand (no TLS between), its loop answers them before they come into the pipe.
/// </summary>
/// <param name="socket">Null: only the pipe is known.</param>
internal sealed class HitReader(ConnectionContext connection, IDuplexPipe transport, HitServer server, PolledConnection? socket) : PipeReader, IEarlyReader
{
    /// <summary>A request is Kestrel's at least that often: it closes connections on which it has seen none for its keep-alive time-out.</summary>
    private static readonly TimeSpan MostUnseen = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of a body that are copied behind their head, and not sent out of the tier's memory: for so few the system call is as quick.</summary>
    private const int MostCopiedEarly = 2048;

    private readonly PipeReader _input = transport.Input;
    private readonly PipeWriter _output = transport.Output;
    private readonly bool _isHttps = connection.Features.Get<ITlsConnectionFeature>() is not null;
    private KnownFields? _fields;
    private BodySlice _rest;
    private ClientPlace? _place;
    private bool _isBetweenRequests = true;
    private bool _isUnread; // nobody reads our answers any more: what was asked before is answered by nobody
    private bool _hasLeftover; // bytes that Kestrel has seen and not taken are still in the pipe
    private long _seenAt = server.Now;

    /// <summary>A request without a body has been answered by the pipeline: what comes next is the next one's first byte.</summary>
    public void RequestEnded() => _isBetweenRequests = true;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        _isBetweenRequests ? ReadBetweenRequestsAsync(cancellationToken) : _input.ReadAsync(cancellationToken);

    public override bool TryRead(out ReadResult result)
    {
        var hasRead = _input.TryRead(out result);
        _isBetweenRequests &= !hasRead;
        return hasRead;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _hasLeftover = !consumed.Equals(examined);
        _input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => _input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _input.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _input.CompleteAsync(exception);

    // Pooled: waiting for bytes is what a connection does most, and must cost no allocation.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadBetweenRequestsAsync(CancellationToken cancel)
    {
        while (true)
        {
            var read = await ReadAfterEarlyAsync(cancel);
            if (_isUnread) // Kestrel would answer all that has come, until it is told that the connection has ended: for it, the client has ended it here
                return new(read.Buffer.Slice(read.Buffer.End), read.IsCanceled, isCompleted: true);
            var served = read.IsCanceled || read.Buffer.IsEmpty ? 0 : Serve(read.Buffer.FirstSpan, _output, BodySender.OneFlush, out _rest);
            if (served == 0)
            {
                _isBetweenRequests = read.Buffer.IsEmpty;
                _seenAt = server.Now;
                return read;
            }
            _input.AdvanceTo(read.Buffer.GetPosition(served));
            _hasLeftover = false;
            _isUnread = !(_rest.IsEmpty ? await FlushAsync() : await SendRestAsync(_rest));
        }
    }

    /// <summary>What comes next into the pipe; until then the socket's loop answers what need not.</summary>
    private ValueTask<ReadResult> ReadAfterEarlyAsync(CancellationToken cancel)
    {
        var batch = socket?.Batch ?? 0;
        var reading = _input.ReadAsync(cancel);
        return socket is null || _hasLeftover || reading.IsCompleted ? reading : WaitAsync(socket, batch, reading);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(PolledConnection socket, long batch, ValueTask<ReadResult> reading)
    {
        socket.LetReadEarly(this, batch);
        try
        {
            return await reading;
        }
        finally
        {
            socket.EndReadEarly();
            await socket.Answered; // as if we had sent it: Kestrel sees nothing that came behind it, nor may it end the connection, before it has gone
        }
    }

    int IEarlyReader.Read(ReadOnlySpan<byte> received, PollScratch scratch)
    {
        var served = Serve(received, scratch, MostCopiedEarly, out var rest);
        if (served > 0)
            socket!.SendEarly(scratch, rest, server.Pool);
        return served;
    }

    /// <returns>Bytes of the requests that have been answered, but for the <paramref name="rest"/> of a body, which then is the last's.</returns>
    private int Serve(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output, int mostCopied, out BodySlice rest)
    {
        var served = 0;
        var written = 0L;
        rest = default;
        if (!server.IsOpen || server.Since(_seenAt) > MostUnseen)
            return 0;
        _fields ??= new(_isHttps);
        // Bounded: a client may send many short requests at once, and read nothing.
        while (rest.IsEmpty && written < BodyPiece / 2 && served < bytes.Length && PlainRequest.TryRead(bytes[served..], _fields, out var request))
        {
            if (!server.TryAnswer(request, _isHttps, output, mostCopied, out var length, out rest))
                break;
            written += length;
            server.Count(connection.RemoteEndPoint, ref _place);
            served += request.Length;
        }
        return served;
    }

    /// <summary>As Kestrel bounds slow readers: 5 s, and more for what 240 bytes a second bring away. False: nobody reads any more.</summary>
    private ValueTask<bool> FlushAsync()
    {
        var flush = _output.FlushAsync(CancellationToken.None);
        return flush.IsCompletedSuccessfully ? new(!flush.Result.IsCompleted) : FlushSlowlyAsync(flush);
    }

    private async ValueTask<bool> FlushSlowlyAsync(ValueTask<FlushResult> flush)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(5 + (BodyPiece / 240)));
        await using var abort = late.Token.UnsafeRegister(static connection => ((ConnectionContext)connection!).Abort(new ConnectionAbortedException("The client reads too slowly.")), connection);
        return !(await flush).IsCompleted;
    }

    /// <summary>Bytes between two flushes, and what a slow reader holds. Measured for 1 MiB: 64 KiB cost a fifth more CPU, 256 KiB a tenth less.</summary>
    internal const int BodyPiece = 128 * 1024;

    /// <summary>The body of a response whose head has been written, and which we own. False: nobody reads any more.</summary>
    private async ValueTask<bool> SendRestAsync(BodySlice rest)
    {
        _rest = default;
        try
        {
            for (var left = rest; !left.IsEmpty;)
            {
                left = left.From(HitServer.Copy(left, BodyPiece, _output));
                if (!await FlushAsync())
                    return false;
            }
            return true;
        }
        finally
        {
            server.Release(rest.Resident!);
        }
    }
}
