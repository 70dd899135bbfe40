using System.Buffers;

namespace DistCache.Proxy.Sockets;

internal sealed partial class PolledConnection
{
    /// <summary>What the loop has received and handed up so far. Read before the application's reader begins to wait, it says whether anything has come since.</summary>
    public long Batch => Volatile.Read(ref _batch);

    /// <summary>
    /// The application's reader waits, with nothing in its pipe but what came after <paramref name="batch"/>: until <see cref="EndReadEarly"/> the reader may answer early.
    /// </summary>
    public void LetReadEarly(IEarlyReader reader, long batch)
    {
        _early = reader;
        _earlyBatch = batch;
        _earlySent = _writer.Written;
        Volatile.Write(ref _earlyState, Open);
    }

    /// <summary>The application's reader waits no longer. When it returns, nothing is being answered early, and nothing will be.</summary>
    public void EndReadEarly()
    {
        var wait = default(SpinWait);
        while (Interlocked.CompareExchange(ref _earlyState, Closed, Open) is Reading)
            wait.SpinOnce(sleep1Threshold: -1); // on the loop's thread, which does not wait for anything meanwhile
    }

    private bool TryBeginEarly()
    {
        if (Volatile.Read(ref _earlyState) != Open || Interlocked.CompareExchange(ref _earlyState, Reading, Open) != Open)
            return false;
        if (_earlyBatch == _batch && _pending is null && _earlySent == Volatile.Read(ref _sent))
            return true;
        Volatile.Write(ref _earlyState, Open);
        return false;
    }

    private unsafe int ReceiveEarly(out int asked)
    {
        var scratch = _loop.Scratch;
        asked = PollScratch.MostReceived;
        int received;
        var answered = 0;
        try
        {
            received = Libc.Receive(_handle, scratch.Received, asked);
            if (received > 0)
            {
                scratch.Clear();
                answered = _early!.Read(new(scratch.Received, received), scratch);
            }
            if (answered < received)
                Volatile.Write(ref _batch, _batch + 1); // before the application may go on
        }
        finally
        {
            Volatile.Write(ref _earlyState, Open);
        }
        if (answered < received)
        {
            _in.Writer.Write(new ReadOnlySpan<byte>(scratch.Received + answered, received - answered));
            FlushInput();
        }
        return received;
    }
}
