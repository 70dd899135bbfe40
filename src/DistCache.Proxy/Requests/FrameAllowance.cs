using System.Buffers;

namespace DistCache.Proxy.Requests;

/// <summary>
/// Counts the frames of one HTTP/2 connection that cost the sender next to nothing and carry no request (RFC 9113 §10.5): PING, SETTINGS,
/// PRIORITY, WINDOW_UPDATE, CONTINUATION, empty DATA and frames of unknown types. They are taken from an allowance of
/// <see cref="Most"/> that time gives back, <see cref="PerSecond"/>, and progress: every request, and every 32 bytes of body or answer. So a
/// download that returns its window often, or measures its path with PING (gRPC), earns more than it spends.
/// </summary>
/// <remarks>Called for one connection by one reader at a time. Nothing is copied or allocated: of a frame only its nine bytes of head are looked at.</remarks>
internal sealed class FrameAllowance(TimeProvider time)
{
    public const int Most = 2000;
    public const int PerSecond = 200;
    private const int PerRequest = 8;
    private const int BytesForOne = 32; // A stream of tiny messages, each answered by two WINDOW_UPDATE, earns them; an answer to PING (17 bytes) does not earn the PING.
    private const int HeadLength = 9;
    private const int PrefaceLength = 24;

    // Frame head, RFC 9113 §4.1: length (3 bytes), type, flags, stream (4 bytes). What of it has come so far.
    private readonly byte[] _head = new byte[HeadLength];
    private int _headLength;
    private long _skip = PrefaceLength;
    private long _left = Most;
    private long _since = time.GetTimestamp();
    private long _bytes;
    private long _counted;

    /// <summary>Bytes that have gone to the client, from another thread.</summary>
    public void AddSent(int bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Takes the next bytes as they came; false when the allowance is used up.</summary>
    public bool Take(in ReadOnlySequence<byte> bytes)
    {
        foreach (var segment in bytes)
            Take(segment.Span);
        return _left >= 0 || Earn();
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, bytes.Length);
                _skip -= skipped;
                bytes = bytes[skipped..];
                continue;
            }

            var part = Math.Min(HeadLength - _headLength, bytes.Length);
            bytes[..part].CopyTo(_head.AsSpan(_headLength));
            _headLength += part;
            bytes = bytes[part..];
            if (_headLength == HeadLength)
                Count();
        }
    }

    private void Count()
    {
        _headLength = 0;
        _skip = (_head[0] << 16) | (_head[1] << 8) | _head[2];
        var endsStream = (_head[4] & 0x1) != 0;
        switch (_head[3])
        {
            case 0x0 when _skip > 0: // DATA
                Interlocked.Add(ref _bytes, _skip);
                break;
            case 0x0 when endsStream:
            case 0x3: // RST_STREAM: Kestrel counts them.
                break;
            case 0x1: // HEADERS
                _left = Math.Min(Most, _left + PerRequest);
                break;
            default:
                _left--;
                break;
        }
    }

    /// <summary>
    /// Time and bytes are looked at only when the allowance has run out. What bytes have earned stays until it is used: a slow reader
    /// gives its window back long after they went out.
    /// </summary>
    private bool Earn()
    {
        var now = time.GetTimestamp();
        _left = Math.Min(Most, _left + (long)(time.GetElapsedTime(_since, now).TotalSeconds * PerSecond));
        _since = now;
        var byBytes = Math.Min(Most - _left, (Interlocked.Read(ref _bytes) - _counted) / BytesForOne);
        _counted += byBytes * BytesForOne;
        _left += byBytes;
        return _left >= 0;
    }
}
