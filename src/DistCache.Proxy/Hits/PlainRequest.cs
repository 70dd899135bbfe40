using System.Buffers;
using System.Text;

namespace DistCache.Proxy.Hits;

/// <summary>
/// The one shape of request that is answered before Kestrel parses it: a GET of HTTP/1.1 in origin form, whole in the buffer, with one Host
/// and only fields that no rule of the gate, of a policy or of RFC 9111 looks at, but for Accept-Encoding, which says what it varies by. Nothing is repaired, nothing is guessed: whatever differs
/// by a byte is left where it is, and Kestrel and the gate decide.
/// </summary>
internal static class PlainRequest
{
    private const int MostTarget = 1024;

    private static readonly byte[][] Harmless =
    [
        .. new[]
        {
            "host", "user-agent", "accept", "accept-encoding", "accept-language", "connection", "cookie", "referer", "dnt", "priority",
            "upgrade-insecure-requests", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-user", "sec-fetch-dest", "sec-ch-ua", "sec-ch-ua-mobile",
            "sec-ch-ua-platform",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    private static readonly SearchValues<byte> Visible = SearchValues.Create([.. Enumerable.Range(0x21, 0x7f - 0x21).Select(c => (byte)c)]);

    /// <summary>Reads the request that begins at the first byte. False: it is not of that shape, or not all here.</summary>
    /// <param name="known">The fields of this connection's last request: clients repeat them.</param>
    /// <param name="length">Bytes of the request, the empty line included.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, KnownFields known, out ReadOnlySpan<byte> target, out int length)
    {
        target = default;
        length = 0;
        if (!bytes.StartsWith("GET /"u8))
            return false;
        var rest = bytes["GET ".Length..];
        var end = rest.IndexOf((byte)' ');
        if (end is < 0 or > MostTarget || !rest[end..].StartsWith(" HTTP/1.1\r\n"u8))
            return false;
        target = rest[..end];
        var fields = rest[(end + " HTTP/1.1\r\n".Length)..];
        var block = known.Block;
        if (block.IsEmpty || !fields.StartsWith(block))
        {
            if (!TryReadFields(fields, out var host, out var encodings, out var size))
                return false;
            known.Remember(fields[..size], host, encodings);
            block = known.Block;
        }
        length = bytes.Length - fields.Length + block.Length;
        return true;
    }

    private static bool TryReadFields(ReadOnlySpan<byte> fields, out Range host, out Range encodings, out int size)
    {
        (host, encodings, size) = (default, default, 0);
        var (hasHost, hasEncodings) = (false, false);
        while (size < KnownFields.Most)
        {
            var end = fields[size..].IndexOf("\r\n"u8);
            if (end < 0)
                return false;
            if (end == 0)
            {
                size += 2;
                return hasHost && size <= KnownFields.Most;
            }
            var line = fields.Slice(size, end);
            var colon = line.IndexOf((byte)':');
            if (colon < 0 || !IsHarmless(line[..colon]))
                return false;
            var at = colon + 1 < line.Length && line[colon + 1] == ' ' ? colon + 2 : colon + 1;
            var value = line[at..];
            if (!MayStand(line[..colon], value))
                return false;
            if (Ascii.EqualsIgnoreCase(line[..colon], "host"))
            {
                if (hasHost || value.ContainsAnyExcept(Visible))
                    return false;
                (hasHost, host) = (true, (size + at)..(size + end));
            }
            if (Ascii.EqualsIgnoreCase(line[..colon], "accept-encoding"))
            {
                if (hasEncodings)
                    return false;
                (hasEncodings, encodings) = (true, (size + at)..(size + end));
            }
            size += end + 2;
        }
        return false;
    }

    private static bool IsHarmless(ReadOnlySpan<byte> name)
    {
        foreach (var harmless in Harmless)
            if (harmless.Length == name.Length && Ascii.EqualsIgnoreCase(harmless, name))
                return true;
        return false;
    }

    private static bool MayStand(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value[0] == ' ' || value[^1] == ' ' || value.ContainsAnyExceptInRange((byte)0x20, (byte)0x7e))
            return false;
        if (Ascii.EqualsIgnoreCase(name, "connection"))
            return Ascii.EqualsIgnoreCase(value, "keep-alive");
        return !Ascii.EqualsIgnoreCase(name, "accept") || !Ascii.EqualsIgnoreCase(value, "text/event-stream");
    }
}
