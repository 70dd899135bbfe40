using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace DistCache.Proxy.Sockets;

// All on the loop's thread, but for what resumes it.
internal sealed partial class PolledConnection
{
    private const int LeastToReceive = 2048;

    /// <summary>Receives before others have their turn.</summary>
    private const int MostTurns = 16;

    private bool _isPaused;
    private bool _hasEnded;

    private void Receive(bool hasPeerEnded)
    {
        try
        {
            for (var turn = 0; turn < MostTurns; turn++)
            {
                if (_isPaused || _hasEnded)
                    return;
                var received = ReceiveOnce(out var asked);
                if (received == 0)
                    EndInput(null);
                // A short read has emptied the socket; the end of the stream may still be there to be read.
                else if (received < 0 || (received < asked && !hasPeerEnded))
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
            BeginHandingUp();
            _in.Writer.Advance(received);
            HandUp();
        }
        return received;
    }

    private void HandUp()
    {
        var flush = _in.Writer.FlushAsync();
        EndHandingUp();
        if (!flush.IsCompletedSuccessfully)
        {
            _isPaused = true;
            _ = ResumeAsync(flush);
        }
        else if (flush.Result.IsCompleted)
        {
            EndInput(null); // nobody reads any more
        }
    }

    private async Task ResumeAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            await flush;
        }
        catch (Exception e)
        {
            Fail(e);
        }
        _isPaused = false;
        _loop.Post(this);
    }

    /// <summary>Nothing more will be received: the application learns it.</summary>
    private void EndInput(Exception? reason)
    {
        if (_hasEnded)
            return;
        _hasEnded = true;
        _in.Writer.Complete(reason);
        TellClosed();
    }
}
