using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace DistCache.Proxy.Requests;

/// <summary>Shows every byte once to the allowance, as it is read.</summary>
internal sealed class GuardedReader(ConnectionContext connection, PipeReader inner, FrameAllowance allowance) : PipeReader
{
    private ReadOnlySequence<byte> _buffer;

    // How many bytes from the start of the next buffer have been shown already: the reader left them for its next call.
    private long _shown;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = inner.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? new(Show(read.Result)) : ShowLaterAsync(read);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result))
            return false;
        Show(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _shown = _buffer.Slice(consumed).Length;
        _buffer = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    // Pooled: waiting for bytes is what a connection does most, and must cost no allocation.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ShowLaterAsync(ValueTask<ReadResult> read) => Show(await read);

    private ReadResult Show(in ReadResult result)
    {
        _buffer = result.Buffer;
        if (!allowance.Take(_buffer.Slice(_shown)))
            connection.Abort(new ConnectionAbortedException("More HTTP/2 control frames than any client needs."));
        return result;
    }
}
