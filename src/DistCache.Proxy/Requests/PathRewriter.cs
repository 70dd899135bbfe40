using System.Buffers;

namespace DistCache.Proxy.Requests;

/// <summary>
/// RFC 3986 §6.2.2 for a path that holds an escape or a dot segment: one pass into a buffer that is never longer than the
/// path. Escapes are resolved before segments are compared, since <c>%2e</c> is a dot to every reader.
/// </summary>
internal static class PathRewriter
{
    private const int OnStack = 512;

    /// <summary>Rewrites <paramref name="path"/>; hands back <paramref name="raw"/> or <paramref name="known"/> where one of them is the answer.</summary>
    public static TargetError TryRewrite(ReadOnlySpan<char> path, string raw, string? known, out string canonical)
    {
        var rented = path.Length > OnStack ? ArrayPool<char>.Shared.Rent(path.Length) : null;
        var output = rented ?? stackalloc char[OnStack];
        var error = Rewrite(path, output, out var written);
        canonical = error is not TargetError.None ? ""
            : path.Length == raw.Length ? CanonicalTarget.Own(output[..written], output[..written].SequenceEqual(raw) ? raw : known)
            : CanonicalTarget.Own(output[..written], known);
        if (rented is not null)
            ArrayPool<char>.Shared.Return(rented);
        return error;
    }

    private static TargetError Rewrite(ReadOnlySpan<char> path, Span<char> output, out int written)
    {
        written = 1;
        output[0] = '/';
        var segment = 1; // Where the segment now written began: just behind its slash.
        for (var i = 1; i < path.Length; i++)
        {
            var c = path[i];
            if (c == '/')
            {
                if (!RemoveDots(output, ref written, ref segment))
                {
                    output[written++] = '/';
                    segment = written;
                }
            }
            else if (c == '%')
            {
                if (Escape(path[i..], output, ref written) is not TargetError.None and var error)
                    return error;
                i += 2;
            }
            else if (c is <= ' ' or > '~' or '#')
            {
                return CanonicalTarget.Describe(c);
            }
            else
            {
                output[written++] = c;
            }
        }

        RemoveDots(output, ref written, ref segment);
        return TargetError.None;
    }

    private static TargetError Escape(ReadOnlySpan<char> text, Span<char> output, ref int written)
    {
        if (text.Length < 3 || !char.IsAsciiHexDigit(text[1]) || !char.IsAsciiHexDigit(text[2]))
            return TargetError.Escape;

        var value = (char)((HexValue(text[1]) << 4) | HexValue(text[2]));
        if (value is < ' ' or '\x7f')
            return TargetError.Control;

        if (char.IsAsciiLetterOrDigit(value) || value is '-' or '.' or '_' or '~')
        {
            output[written++] = value;
            return TargetError.None;
        }

        output[written++] = '%';
        output[written++] = char.ToUpperInvariant(text[1]);
        output[written++] = char.ToUpperInvariant(text[2]);
        return TargetError.None;
    }

    private static int HexValue(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;

    /// <summary>RFC 3986 §5.2.4: takes a finished <c>.</c> or <c>..</c> out again, leaving the slash in front open for the next segment.</summary>
    private static bool RemoveDots(Span<char> output, ref int written, ref int segment)
    {
        switch (output[segment..written])
        {
            case ".":
                written = segment;
                return true;
            case "..":
                written = segment == 1 ? 1 : output[..(segment - 1)].LastIndexOf('/') + 1;
                segment = written;
                return true;
            default:
                return false;
        }
    }
}
