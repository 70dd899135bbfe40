using System.Net.Sockets;

namespace DistCache.TestKit;

/// <summary>Bytes from the peer with look-ahead; the end of the stream is a value, never an exception.</summary>
internal sealed class ByteFeed(Stream stream)
{
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(32 * 1024);
    private int _start;
    private int _end;
    private volatile bool _resetAtSend;

    public ConnectionEnd End { get; private set; }

    /// <summary>What was read from the peer and not yet taken.</summary>
    public ReadOnlyMemory<byte> Buffered => _buffer.AsMemory(_start, _end - _start);

    public void Take(int count) => _start += count;

    /// <summary>The kernel reports a RST once only: where a send was told of it, the next read sees a plain end.</summary>
    public void NoteSendError(Exception error) => _resetAtSend |= IsReset(error);

    /// <summary>Reads more behind what is buffered; false when the peer has ended.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (End != ConnectionEnd.Open)
            return false;
        MakeRoom();
        var read = 0;
        try
        {
            read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation);
            if (read == 0)
                End = _resetAtSend || stream is SocketStream { WasReset: true } ? ConnectionEnd.Reset : ConnectionEnd.Closed;
        }
        catch (Exception error) when (IsReset(error))
        {
            End = ConnectionEnd.Reset;
        }

        _end += read;
        return read > 0;
    }

    /// <summary>Up to <paramref name="max"/> bytes, at least one; empty at the end. Valid until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadSomeAsync(int max, CancellationToken cancellation)
    {
        if (_start == _end && !await FillAsync(cancellation))
            return default;
        var some = Buffered[..Math.Min(max, _end - _start)];
        Take(some.Length);
        return some;
    }

    /// <summary>
    /// One line without its CR LF; null when the peer ended before it was whole. Strict: a CR or LF on its own throws
    /// (RFC 9112 §2.2 lets a recipient be lenient; a test must not be).
    /// </summary>
    public async ValueTask<byte[]?> ReadLineAsync(CancellationToken cancellation)
    {
        for (var searched = 0; ;)
        {
            var line = Buffered.Span;
            var found = line[searched..].IndexOfAny((byte)'\r', (byte)'\n');
            if (found >= 0 && searched + found + 1 < line.Length)
                return TakeLine(searched + found);
            searched = found >= 0 ? searched + found : line.Length;
            if (line.Length > 256 * 1024)
                throw new WireException($"A line of more than 256 KiB: {Latin1.Show(line)}");
            if (!await FillAsync(cancellation))
                return null;
        }
    }

    private byte[] TakeLine(int length)
    {
        var span = Buffered.Span;
        if (span[length] != '\r' || span[length + 1] != '\n')
            throw new WireException($"A bare CR or LF at byte {length} of the line: {Latin1.Show(span)}");
        var line = span[..length].ToArray();
        Take(length + 2);
        return line;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            Buffered.Span.CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
    }

    private static bool IsReset(Exception error) => error switch
    {
        SocketException socket => SocketStream.IsReset(socket.SocketErrorCode),
        IOException { InnerException: SocketException inner } => IsReset(inner),
        _ => false,
    };
}
