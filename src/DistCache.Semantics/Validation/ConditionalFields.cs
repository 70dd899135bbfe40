using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Validation;

/// <summary>The conditions that we send to the origin (RFC 9111 §4.3.1, rule 34). Null: do not send that field. Both null: nothing can be validated.</summary>
public readonly record struct ConditionalFields(string? IfNoneMatch, string? IfModifiedSince)
{
    /// <summary>If-None-Match with all stored ETags, each once; If-Modified-Since with the first candidate's Last-Modified, byte for byte.</summary>
    /// <param name="candidates">The key's stored responses, the one that matches the request (or else the most recent) first. Last-Modified as text.</param>
    public static ConditionalFields For(IReadOnlyList<(EntityTag? ETag, string? LastModified)> candidates)
    {
        var tags = new List<string>(candidates.Count);
        foreach (var (tag, _) in candidates)
            if (tag is { } known && !tags.Contains(known.Text))
                tags.Add(known.Text);
        var lastModified = candidates.Count > 0 ? candidates[0].LastModified : null;
        // The century of an rfc850 date does not matter here: only whether it is a date.
        var isDate = HttpDate.TryParse(lastModified, DateTimeOffset.UnixEpoch, out _);
        return new(tags.Count > 0 ? string.Join(", ", tags) : null, isDate ? lastModified : null);
    }
}
