using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Conditions;

/// <summary>RFC 9110 §13, RFC 9111 §4.3.2: the client's own conditions against a response that may answer. Rules 40, 41.</summary>
public static class ClientConditions
{
    /// <summary>True: answer 304. If-None-Match (weak comparison) decides alone when present; If-Modified-Since compares Last-Modified, else Date.</summary>
    /// <param name="ifNoneMatch">Field lines, empty when absent.</param>
    public static bool IsNotModified(ReadOnlySpan<string?> ifNoneMatch, ReadOnlySpan<string?> ifModifiedSince, EntityTag? etag, DateTimeOffset? lastModified, DateTimeOffset date) =>
        throw new NotImplementedException();

    /// <summary>Whether a 304 made by us carries this field (rule 40).</summary>
    public static bool BelongsIn304(string name) => throw new NotImplementedException();
}
