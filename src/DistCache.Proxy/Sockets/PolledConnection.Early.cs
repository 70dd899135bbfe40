using System.Buffers;

namespace DistCache.Proxy.Sockets;

internal sealed partial class PolledConnection
{
    private const long NoBatch = -1;

    private const int Closed = 0;
    private const int Open = 1;
    private const int Reading = 2;

    private IEarlyReader? _early;
    private int _earlyState;
    private long _earlyBatch;
    private long _earlySent;
    private long _batch;
    private bool _isHandingUp;

    /// <summary>
    /// What the loop has received and handed up so far. Read before the application's reader begins to wait, it says whether anything has come since. Less than nothing:
    /// just now something is being handed up, so that it may be in the pipe or not.
    /// </summary>
    public long Batch
    {
        get
        {
            // In this order. On the loop's thread it is in the pipe already: the loop has called who waited for it.
            var batch = Volatile.Read(ref _batch);
            return Volatile.Read(ref _isHandingUp) && !_loop.IsCurrent ? NoBatch : batch;
        }
    }

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

    /// <summary>
    /// The application's reader waits no longer. When it returns, nothing is being answered early, and nothing will be; of the last answer the rest may still be on its
    /// way (<see cref="Answered"/>).
    /// </summary>
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
                BeginHandingUp(); // before the application may go on
        }
        finally
        {
            Volatile.Write(ref _earlyState, Open);
        }
        if (answered < received)
        {
            _in.Writer.Write(new ReadOnlySpan<byte>(scratch.Received + answered, received - answered));
            HandUp();
        }
        return received;
    }

    private void BeginHandingUp()
    {
        Volatile.Write(ref _isHandingUp, true);
        Volatile.Write(ref _batch, _batch + 1);
    }

    private void EndHandingUp() => Volatile.Write(ref _isHandingUp, false);
}
