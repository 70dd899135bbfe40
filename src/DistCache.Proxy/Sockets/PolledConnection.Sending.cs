using System.Buffers;
using System.Net.Sockets;
using DistCache.Storage.Bodies;
using DistCache.Storage.Memory;
using Microsoft.AspNetCore.Connections;

namespace DistCache.Proxy.Sockets;

internal sealed partial class PolledConnection
{
    private const int MostPieces = 64;

    /// <summary>Bytes of one answer that the loop sends before others have their turn.</summary>
    private const long MostAtOnce = 4 << 20;

    [ThreadStatic]
    private static MemoryHandle[]? _pins;

    private readonly Signal _writable = new();
    private PendingAnswer? _pending;
    private volatile Turn? _turn;
    private long _sent; // of the application's bytes

    /// <summary>
    /// From now on what is written is sent after a turn of the pool, with all that has been written by then: the streams of an HTTP/2 connection are answered by one thread after
    /// the other, and a send for each costs more than all else that is done for them.
    /// </summary>
    public void GatherSends() => _turn ??= new();

    /// <summary>When no early answer is on its way any more: what the application writes goes behind it.</summary>
    public Task Answered => Volatile.Read(ref _pending)?.Sent ?? Task.CompletedTask;

    private async Task SendAsync()
    {
        Exception? reason = null;
        try
        {
            await SendAllAsync();
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset)
        {
            reason = new ConnectionResetException(e.Message, e);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            reason = e;
        }
        catch (Exception e)
        {
            Fail(reason = e);
        }
        Shutdown(reason);
        _out.Reader.Complete(reason is SocketException or ConnectionResetException or ObjectDisposedException ? null : reason);
        _in.Writer.CancelPendingFlush();
    }

    private async Task SendAllAsync()
    {
        while (true)
        {
            var read = await _out.Reader.ReadAsync();
            if (read.IsCanceled)
                return;
            if (_turn is { } turn && !read.IsCompleted)
            {
                _out.Reader.AdvanceTo(read.Buffer.Start);
                await turn;
                read = await _out.Reader.ReadAsync();
                if (read.IsCanceled)
                    return;
            }
            await Answered;
            for (var left = read.Buffer; !left.IsEmpty;)
            {
                _writable.Prepare();
                var sent = TrySend(left);
                if (sent < 0)
                    await _writable.WaitAsync();
                else
                    left = left.Slice(sent);
            }
            Volatile.Write(ref _sent, _sent + read.Buffer.Length);
            _out.Reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return;
        }
    }

    private unsafe long TrySend(in ReadOnlySequence<byte> bytes)
    {
        var pieces = stackalloc Libc.Piece[MostPieces];
        if (bytes.IsSingleSegment)
            fixed (byte* start = bytes.FirstSpan)
            {
                *pieces = new() { Start = start, Length = (nuint)bytes.FirstSpan.Length };
                return Libc.Send(_handle, pieces, 1);
            }
        var pins = _pins ??= new MemoryHandle[MostPieces];
        var count = 0;
        try
        {
            foreach (var memory in bytes)
            {
                pins[count] = memory.Pin();
                pieces[count] = new() { Start = pins[count].Pointer, Length = (nuint)memory.Length };
                if (++count == MostPieces)
                    break;
            }
            return Libc.Send(_handle, pieces, count);
        }
        finally
        {
            while (count > 0)
                pins[--count].Dispose();
        }
    }

    /// <summary>Of the loop: there is room in the socket again, or it has failed.</summary>
    private void OnWritable()
    {
        if (_pending is { } pending)
        {
            try
            {
                if (!pending.TrySend(this))
                    return;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                Shutdown(e); // it ends on this thread, later
                return;
            }
            EndPending();
        }
        _writable.Set();
    }

    private void EndPending()
    {
        if (_pending is not { } pending)
            return;
        Volatile.Write(ref _pending, null);
        pending.Dispose();
    }

    /// <summary>
    /// Sends what the scratch has gathered and then a stored body, out of its chunks: what the socket does not take at once follows when it can. For an
    /// <see cref="IEarlyReader"/>, once in a call; the body is taken over.
    /// </summary>
    public unsafe void SendEarly(PollScratch scratch, BodySlice body, ChunkPool pool)
    {
        var (owned, isPending) = (body.Resident, false);
        try
        {
            if (TrySend(scratch.ToSend, scratch.Length, ref body, out var sent))
                return;
            Volatile.Write(ref _pending, new(new(scratch.ToSend + sent, scratch.Length - sent), body, pool, _time, () => Abort(new("The client reads too slowly."))));
            isPending = true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Shutdown(e);
        }
        finally
        {
            if (!isPending)
                owned?.Release(pool);
        }
    }

    /// <summary>True: the socket has taken all. False: when it has room again, or has its next turn, it goes on.</summary>
    /// <param name="body">What of it has not been sent, before and after.</param>
    /// <param name="sent">Of <paramref name="length"/>.</param>
    internal unsafe bool TrySend(byte* bytes, int length, ref BodySlice body, out int sent)
    {
        var pieces = stackalloc Libc.Piece[MostPieces];
        sent = 0;
        for (var most = body.Start + MostAtOnce; body.Start < most;)
        {
            var count = 0;
            if (sent < length)
                pieces[count++] = new() { Start = bytes + sent, Length = (nuint)(length - sent) };
            for (var left = body; count < MostPieces && left.First is { IsEmpty: false } piece; left = left.From(piece.Length))
                fixed (byte* start = piece) // native memory: it stays
                    pieces[count++] = new() { Start = start, Length = (nuint)piece.Length };
            if (count == 0)
                return true;
            var taken = Libc.Send(_handle, pieces, count);
            if (taken < 0)
                return false;
            var ofBytes = (int)Math.Min(taken, length - sent);
            sent += ofBytes;
            body = body.From(taken - ofBytes);
        }
        _loop.Post(this);
        return false;
    }
}
