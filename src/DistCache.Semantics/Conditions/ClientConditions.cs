using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Conditions;

/// <summary>RFC 9110 §13, RFC 9111 §4.3.2: the client's own conditions against a response that may answer. Rules 40, 41.</summary>
/// <remarks>For GET and HEAD, and a 200 that may be served (rule 41). If-Match and If-Unmodified-Since are the origin's.</remarks>
public static class ClientConditions
{
    /// <summary>True: answer 304. If-None-Match (weak comparison) decides alone when present; If-Modified-Since compares Last-Modified, else Date.</summary>
    /// <param name="ifNoneMatch">Field lines, empty when absent.</param>
    /// <param name="ifModifiedSince">Field lines; ignored unless there is one and it is a date (§13.1.3).</param>
    /// <param name="date">Date of the response, or when it was received.</param>
    public static bool IsNotModified(ReadOnlySpan<string?> ifNoneMatch, ReadOnlySpan<string?> ifModifiedSince, EntityTag? etag, DateTimeOffset? lastModified, DateTimeOffset date)
    {
        if (Count(ifNoneMatch) > 0)
            return Matches(ifNoneMatch, etag);
        return Count(ifModifiedSince) == 1
            && HttpDate.TryParse(Only(ifModifiedSince), date, out var since)
            && (lastModified ?? date) <= since;
    }

    /// <summary>Whether a 304 made by us carries this field (rule 40, RFC 9110 §15.4.5).</summary>
    /// <param name="hasTag">Without an ETag Last-Modified guides cache updates: who validated by date could not else tell what is confirmed.</param>
    public static bool BelongsIn304(string name, bool hasTag) =>
        Is(name, FieldNames.CacheControl) || Is(name, FieldNames.ContentLocation) || Is(name, FieldNames.Date) || Is(name, FieldNames.ETag)
        || Is(name, FieldNames.Expires) || Is(name, FieldNames.Vary) || Is(name, FieldNames.Age) || (!hasTag && Is(name, FieldNames.LastModified));

    private static bool Matches(ReadOnlySpan<string?> lines, EntityTag? etag)
    {
        // The star stands alone or it is no star; what is stored exists.
        if (Count(lines) == 1 && Syntax.Trim(Only(lines)) is "*")
            return true;
        if (etag is not { } stored)
            return false;
        foreach (var line in lines)
            if (Contains(line, stored))
                return true;
        return false;
    }

    // A list of entity-tags, where a comma or a backslash inside the quotes is an ordinary character.
    private static bool Contains(ReadOnlySpan<char> rest, EntityTag stored)
    {
        while (!rest.IsEmpty)
        {
            rest = rest.TrimStart(" \t,");
            var length = EntityTag.LengthOfFirst(rest);
            var isMember = length > 0 && Syntax.Trim(rest[length..]) is [] or [',', ..];
            if (isMember && length > 0 && stored.WeakEquals(rest[..length]))
                return true;
            // What is no entity-tag is left out up to the next comma.
            rest = rest[length..];
            var comma = rest.IndexOf(',');
            rest = comma < 0 ? default : rest[comma..];
        }
        return false;
    }

    private static int Count(ReadOnlySpan<string?> lines)
    {
        var count = 0;
        foreach (var line in lines)
            if (line is not null)
                count++;
        return count;
    }

    private static string? Only(ReadOnlySpan<string?> lines)
    {
        foreach (var line in lines)
            if (line is not null)
                return line;
        return null;
    }

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
