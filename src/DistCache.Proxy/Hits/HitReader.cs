using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using DistCache.Proxy.Geo;
using DistCache.Storage.Memory;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace DistCache.Proxy.Hits;

/// <summary>
/// What Kestrel reads an HTTP/1.1 connection from. Between two requests it looks at the bytes first: plain requests with a known hit are
/// answered here, in their order, and Kestrel never sees them. All other bytes pass, from the first that is not plain on, until the request
/// that they belong to has been answered.
/// </summary>
internal sealed class HitReader(ConnectionContext connection, IDuplexPipe transport, HitServer server) : PipeReader
{
    /// <summary>A request is Kestrel's at least that often: it closes connections on which it has seen none for its keep-alive time-out.</summary>
    private static readonly TimeSpan MostUnseen = TimeSpan.FromSeconds(30);

    private readonly PipeReader _input = transport.Input;
    private readonly PipeWriter _output = transport.Output;
    private readonly bool _isHttps = connection.Features.Get<ITlsConnectionFeature>() is not null;
    private KnownFields? _fields;
    private Resident? _large;
    private ClientPlace? _place;
    private bool _isBetweenRequests = true;
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

    public override void AdvanceTo(SequencePosition consumed) => _input.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _input.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => _input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _input.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _input.CompleteAsync(exception);

    // Pooled: waiting for bytes is what a connection does most, and must cost no allocation.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadBetweenRequestsAsync(CancellationToken cancel)
    {
        while (true)
        {
            var read = await _input.ReadAsync(cancel);
            var served = read.IsCanceled || read.Buffer.IsEmpty ? 0 : Serve(read.Buffer.FirstSpan);
            if (served == 0)
            {
                _isBetweenRequests = read.Buffer.IsEmpty;
                _seenAt = server.Now;
                return read;
            }
            _input.AdvanceTo(read.Buffer.GetPosition(served));
            if (_large is { } large)
                await SendLargeAsync(large);
            else
                await FlushAsync();
        }
    }

    /// <returns>Bytes of the requests that have been answered, but for the body of <see cref="_large"/>, which then is the last.</returns>
    private int Serve(ReadOnlySpan<byte> bytes)
    {
        var served = 0;
        if (!server.IsOpen || server.Since(_seenAt) > MostUnseen)
            return 0;
        _fields ??= new(_isHttps);
        // Bounded: a client may send many short requests at once, and read nothing.
        while (_large is null && _output.UnflushedBytes < BodyPiece / 2 && served < bytes.Length && PlainRequest.TryRead(bytes[served..], _fields, out var target, out var length))
        {
            if (!server.TryAnswer(_fields, _isHttps, target, _output, out _large))
                break;
            server.Count(connection.RemoteEndPoint, ref _place);
            served += length;
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

    /// <summary>The body of a response whose head has been written, and which we own.</summary>
    private async ValueTask SendLargeAsync(Resident response)
    {
        _large = null;
        try
        {
            var sent = 0L;
            do
                sent += HitServer.Copy(response, sent, BodyPiece, _output);
            while (await FlushAsync() && sent < response.Length);
        }
        finally
        {
            server.Release(response);
        }
    }
}
