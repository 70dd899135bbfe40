using Microsoft.Extensions.Primitives;

namespace DistCache.Proxy.Keys;

/// <summary>Cookies of a request (RFC 6265 §5.4), byte for byte: nothing is decoded, so that two values are never taken for one.</summary>
internal static class CookieFields
{
    // What surrounds a pair in the grammar. U+0085 and U+00A0, white space to .NET, are bytes of a value here.
    private const string WhiteSpace = " \t";

    /// <summary>All values of that name, joined by <c>;</c>: which of two counts is the origin's choice. Null: there is none.</summary>
    public static string? Find(StringValues lines, string name)
    {
        string? found = null;
        foreach (var line in lines)
            foreach (var range in line.AsSpan().Split(';'))
            {
                var pair = line.AsSpan()[range].Trim(WhiteSpace);
                var at = pair.IndexOf('=');
                if (at >= 0 && pair[..at].TrimEnd(WhiteSpace).SequenceEqual(name))
                    found = found is null ? pair[(at + 1)..].ToString() : $"{found};{pair[(at + 1)..]}";
            }
        return found;
    }

    public static bool Any(StringValues lines, IReadOnlyList<string> patterns)
    {
        foreach (var line in lines)
            foreach (var range in line.AsSpan().Split(';'))
            {
                var pair = line.AsSpan()[range].Trim(WhiteSpace);
                var at = pair.IndexOf('=');
                if (NamePattern.AnyMatches(patterns, at >= 0 ? pair[..at].TrimEnd(WhiteSpace) : pair))
                    return true;
            }
        return false;
    }
}
