using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using DistCache.Proxy.Requests;

namespace DistCache.Proxy.Hits;

/// <summary>
/// The one shape of request that is answered before Kestrel parses it: a GET or HEAD of HTTP/1.1 in origin form, whole in the buffer, with one Host
/// and only fields that no rule of the gate, of a policy or of RFC 9111 looks at, but for what <see cref="KnownFields"/> names. Nothing is repaired, nothing is guessed: whatever differs
/// by a byte is left where it is, and Kestrel and the gate decide.
/// </summary>
internal readonly ref struct PlainRequest
{
    private const int MostTarget = 1024;

    /// <summary>What asks for something other than all of a response.</summary>
    public static readonly string[] Conditional = ["If-None-Match", "If-Modified-Since", "Range", "If-Range"];

    private static readonly byte[][] Harmless =
    [
        .. new[]
        {
            "user-agent", "accept", "accept-language", "connection", "cookie", "referer", "dnt", "priority",
            "upgrade-insecure-requests", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-user", "sec-fetch-dest", "sec-ch-ua", "sec-ch-ua-mobile",
            "sec-ch-ua-platform",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    private static readonly SearchValues<byte> Visible = SearchValues.Create([.. Enumerable.Range(0x21, 0x7f - 0x21).Select(c => (byte)c)]);

    private PlainRequest(bool isHead, ReadOnlySpan<byte> target, KnownFields fields, int length)
    {
        IsHead = isHead;
        Target = target;
        Fields = fields;
        Length = length;
    }

    /// <summary>HEAD; else GET.</summary>
    public bool IsHead { get; }

    public ReadOnlySpan<byte> Target { get; }

    public KnownFields Fields { get; }

    /// <summary>Bytes of it, the empty line included.</summary>
    public int Length { get; }

    /// <summary>Reads the request that begins at the first byte. False: it is not of that shape, or not all here.</summary>
    /// <param name="known">The fields of this connection's last request: clients repeat them.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, KnownFields known, out PlainRequest request)
    {
        request = default;
        var isHead = bytes.StartsWith("HEAD /"u8);
        if (!isHead && !bytes.StartsWith("GET /"u8))
            return false;
        var rest = bytes[(isHead ? "HEAD ".Length : "GET ".Length)..];
        var end = rest.IndexOf((byte)' ');
        if (end is < 0 or > MostTarget || !rest[end..].StartsWith(" HTTP/1.1\r\n"u8))
            return false;
        var fields = rest[(end + " HTTP/1.1\r\n".Length)..];
        var block = known.Block;
        if (block.IsEmpty || !fields.StartsWith(block))
        {
            if (!TryReadFields(fields, out var found, out var size))
                return false;
            known.Remember(fields[..size], found);
            block = known.Block;
        }
        request = new(isHead, rest[..end], known, bytes.Length - fields.Length + block.Length);
        return true;
    }

    private static bool TryReadFields(ReadOnlySpan<byte> fields, out FieldPlaces found, out int size)
    {
        (found, size) = (default, 0);
        for (var lines = 0; size < KnownFields.Most && lines <= StrictKestrel.MaxFieldCount; lines++)
        {
            var end = fields[size..].IndexOf("\r\n"u8);
            if (end < 0)
                return false;
            if (end == 0)
            {
                size += 2;
                return !found.Host.Equals(default) && size <= KnownFields.Most;
            }
            var line = fields.Slice(size, end);
            var colon = line.IndexOf((byte)':');
            if (colon < 0)
                return false;
            var name = line[..colon];
            var at = colon + 1 < line.Length && line[colon + 1] == ' ' ? colon + 2 : colon + 1;
            if (!MayStand(name, line[at..]))
                return false;
            ref var place = ref PlaceOf(name, ref found);
            if (Unsafe.IsNullRef(ref place))
            {
                if (!IsHarmless(name))
                    return false;
            }
            else
            {
                if (!place.Equals(default)) // a second line
                    return false;
                place = (size + at)..(size + end);
            }
            size += end + 2;
        }
        return false;
    }

    /// <summary>Where the place of a field's value is noted, if what it says matters; else a null reference.</summary>
    private static ref Range PlaceOf(ReadOnlySpan<byte> name, ref FieldPlaces places)
    {
        switch (name.Length)
        {
            case 4 when Ascii.EqualsIgnoreCase(name, "host"): return ref places.Host;
            case 5 when Ascii.EqualsIgnoreCase(name, "range"): return ref places.Range;
            case 8 when Ascii.EqualsIgnoreCase(name, "if-range"): return ref places.IfRange;
            case 13 when Ascii.EqualsIgnoreCase(name, "if-none-match"): return ref places.IfNoneMatch;
            case 15 when Ascii.EqualsIgnoreCase(name, "accept-encoding"): return ref places.Encodings;
            case 17 when Ascii.EqualsIgnoreCase(name, "if-modified-since"): return ref places.IfModifiedSince;
            default: return ref Unsafe.NullRef<Range>();
        }
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
        if (Ascii.EqualsIgnoreCase(name, "host"))
            return !value.ContainsAnyExcept(Visible);
        if (Ascii.EqualsIgnoreCase(name, "connection"))
            return Ascii.EqualsIgnoreCase(value, "keep-alive");
        return !Ascii.EqualsIgnoreCase(name, "accept") || !Ascii.EqualsIgnoreCase(value, "text/event-stream");
    }
}
