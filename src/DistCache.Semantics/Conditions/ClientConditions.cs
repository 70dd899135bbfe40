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
        if (Count(ifNoneMatch) == 0)
            return Count(ifModifiedSince) == 1 && IsUnmodifiedSince(Only(ifModifiedSince), lastModified, date);
        if (Count(ifNoneMatch) == 1)
            return Matches(Only(ifNoneMatch), etag?.Text);
        foreach (var line in ifNoneMatch)
            if (etag is { } stored && Contains(line, stored.Text))
                return true;
        return false;
    }

    /// <summary>The same for fields of one line each, in memory of the caller's: nothing is allocated.</summary>
    /// <param name="ifNoneMatch">Empty when absent, as is the next.</param>
    /// <param name="etag">An entity-tag, or empty: there is none.</param>
    public static bool IsNotModified(ReadOnlySpan<char> ifNoneMatch, ReadOnlySpan<char> ifModifiedSince, ReadOnlySpan<char> etag, DateTimeOffset? lastModified, DateTimeOffset date) =>
        ifNoneMatch.IsEmpty ? !ifModifiedSince.IsEmpty && IsUnmodifiedSince(ifModifiedSince, lastModified, date) : Matches(ifNoneMatch, etag);

    /// <summary>Whether a 304 made by us carries this field (rule 40, RFC 9110 §15.4.5).</summary>
    /// <param name="hasTag">Without an ETag Last-Modified guides cache updates: who validated by date could not else tell what is confirmed.</param>
    public static bool BelongsIn304(string name, bool hasTag) =>
        Is(name, FieldNames.CacheControl) || Is(name, FieldNames.ContentLocation) || Is(name, FieldNames.Date) || Is(name, FieldNames.ETag)
        || Is(name, FieldNames.Expires) || Is(name, FieldNames.Vary) || Is(name, FieldNames.Age) || (!hasTag && Is(name, FieldNames.LastModified));

    private static bool IsUnmodifiedSince(ReadOnlySpan<char> line, DateTimeOffset? lastModified, DateTimeOffset date) =>
        HttpDate.TryParse(line, date, out var since) && (lastModified ?? date) <= since;

    // The star stands alone, in the only line, or it is no star; what is stored exists.
    private static bool Matches(ReadOnlySpan<char> onlyLine, ReadOnlySpan<char> etag) => Syntax.Trim(onlyLine) is "*" || (!etag.IsEmpty && Contains(onlyLine, etag));

    // A list of entity-tags, where a comma or a backslash inside the quotes is an ordinary character.
    private static bool Contains(ReadOnlySpan<char> rest, ReadOnlySpan<char> stored)
    {
        while (!rest.IsEmpty)
        {
            rest = rest.TrimStart(" \t,");
            var length = EntityTag.LengthOfFirst(rest);
            var isMember = length > 0 && Syntax.Trim(rest[length..]) is [] or [',', ..];
            if (isMember && length > 0 && EntityTag.AreWeakEqual(stored, rest[..length]))
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
