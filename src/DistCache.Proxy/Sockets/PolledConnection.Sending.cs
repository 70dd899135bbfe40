using System.Buffers;
using System.Net.Sockets;
using DistCache.Storage.Bodies;
using DistCache.Storage.Memory;
using Microsoft.AspNetCore.Connections;

namespace DistCache.Proxy.Sockets;

internal sealed partial class PolledConnection
{
    private const int MostPieces = 64;

    private readonly Signal _writable = new();
    private readonly Signal _answered = new();
    private PendingAnswer? _pending;
    private long _sent; // of the application's bytes

    private async Task SendAsync()
    {
        Exception? reason = null;
        try
        {
            while (true)
            {
                var read = await _out.Reader.ReadAsync();
                if (read.IsCanceled)
                    break;
                var left = read.Buffer;
                while (!left.IsEmpty)
                {
                    await PendingSentAsync();
                    _writable.Prepare();
                    var sent = TrySend(left);
                    if (sent < 0)
                        await _writable.WaitAsync();
                    else
                        left = left.Slice(sent);
                }
                Volatile.Write(ref _sent, _sent + read.Buffer.Length);
                _out.Reader.AdvanceTo(read.Buffer.End);
                if (!read.IsCompleted)
                    continue;
                await PendingSentAsync();
                break;
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset)
        {
            reason = new ConnectionResetException(e.Message, e);
        }
        catch (Exception e)
        {
            reason = e;
        }
        Shutdown(reason);
        _out.Reader.Complete(reason is SocketException or ConnectionResetException or ObjectDisposedException ? null : reason);
        _in.Writer.CancelPendingFlush();
    }

    /// <summary>An early answer whose rest the loop still sends goes before all that the application writes.</summary>
    private async ValueTask PendingSentAsync()
    {
        while (Volatile.Read(ref _pending) is not null && !IsShut)
        {
            _answered.Prepare();
            if (Volatile.Read(ref _pending) is not null && !IsShut)
                await _answered.WaitAsync();
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
        var pins = new MemoryHandle[MostPieces];
        var count = 0;
        foreach (var memory in bytes)
        {
            pins[count] = memory.Pin();
            pieces[count] = new() { Start = pins[count].Pointer, Length = (nuint)memory.Length };
            if (++count == MostPieces)
                break;
        }
        try
        {
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
        if (_pending is { } pending)
        {
            Volatile.Write(ref _pending, null);
            pending.Dispose();
        }
        _answered.Set();
        if (IsShut)
            _writable.Set();
    }

    /// <summary>
    /// Sends what the scratch has gathered and then a stored body, out of its chunks: what the socket does not take at once follows when it can. For an
    /// <see cref="IEarlyReader"/>, once in a call; the body is taken over.
    /// </summary>
    public unsafe void SendEarly(PollScratch scratch, Resident? body, ChunkPool pool)
    {
        var at = 0L;
        try
        {
            if (TrySend(scratch.ToSend, scratch.Length, body, ref at, out var sent))
            {
                body?.Release(pool);
                return;
            }
            var patience = TimeSpan.FromSeconds(5 + ((scratch.Length - sent + (body?.Length ?? 0) - at) / 240)); // as Kestrel bounds slow readers
            Volatile.Write(ref _pending, new(new(scratch.ToSend + sent, scratch.Length - sent), body, pool, at, patience, () => Abort(new("The client reads too slowly."))));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            body?.Release(pool);
            Shutdown(e);
        }
    }

    /// <summary>True: the socket has taken all.</summary>
    /// <param name="at">Bytes of the body that have been sent, before and after.</param>
    /// <param name="sent">Of <paramref name="length"/>.</param>
    internal unsafe bool TrySend(byte* bytes, int length, Resident? body, ref long at, out int sent)
    {
        var pieces = stackalloc Libc.Piece[MostPieces];
        sent = 0;
        while (true)
        {
            var count = 0;
            if (sent < length)
                pieces[count++] = new() { Start = bytes + sent, Length = (nuint)(length - sent) };
            if (body is not null)
                for (var from = at; count < MostPieces && body.At(from) is { IsEmpty: false } piece; from += piece.Length)
                    fixed (byte* start = piece) // native memory: it stays
                        pieces[count++] = new() { Start = start, Length = (nuint)piece.Length };
            if (count == 0)
                return true;
            var taken = Libc.Send(_handle, pieces, count);
            if (taken < 0)
                return false;
            var ofBytes = (int)Math.Min(taken, length - sent);
            sent += ofBytes;
            at += taken - ofBytes;
        }
    }
}
