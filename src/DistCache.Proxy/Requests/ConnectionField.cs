using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DistCache.Proxy.Requests;

/// <summary>Connection (RFC 9110 §7.6.1): the fields it nominates are for us alone and end here.</summary>
internal static class ConnectionField
{
    // A sender must not nominate these (they are for every recipient), and taking them away is an attack: it would log a user
    // out, hide who sent the request, unframe it, or hide a loop.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> EndToEnd = new[]
    {
        HeaderNames.Host, HeaderNames.Authorization, HeaderNames.Cookie, "Forwarded", HeaderNames.ContentLength,
        HeaderNames.TransferEncoding, HeaderNames.ContentType, HeaderNames.ContentEncoding, HeaderNames.CacheControl,
        HeaderNames.Via, "CDN-Loop", HeaderNames.Expect, HeaderNames.Date,
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether a line is only <c>keep-alive</c>, <c>close</c> or <c>upgrade</c>.</summary>
    public static bool NominatesNothing(ReadOnlySpan<char> line)
    {
        foreach (var range in line.Split(','))
            if (line[range].Trim(" \t") is { IsEmpty: false } option && !IsOption(option))
                return false;
        return true;
    }

    /// <summary>Removes every nominated field; false when the list is malformed or names an end-to-end field.</summary>
    public static bool TryRemove(ReadOnlySpan<char> lines, IHeaderDictionary fields)
    {
        foreach (var range in lines.Split(','))
        {
            var name = lines[range].Trim(" \t");
            if (name.IsEmpty || IsOption(name))
                continue;
            if (!FieldRules.IsToken(name) || EndToEnd.Contains(name)
                || name.StartsWith("X-Forwarded", StringComparison.OrdinalIgnoreCase))
                return false;
            fields.Remove(name.ToString());
        }

        return true;
    }

    private static bool IsOption(ReadOnlySpan<char> option) =>
        option.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)
        || option.Equals("close", StringComparison.OrdinalIgnoreCase)
        || option.Equals("upgrade", StringComparison.OrdinalIgnoreCase);
}
