using DistCache.Semantics.Fields;
using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Validation;

/// <summary>RFC 9111 §4.3.4, §3.2: which stored response a 304 confirms, and what its fields become. Rules 36, 37.</summary>
public static class Freshening
{
    /// <summary>Index of the stored response that this 304 selects, or -1. Each candidate is (ETag, Last-Modified as text).</summary>
    /// <param name="candidates">The responses that the conditional request named, the most recent Date first.</param>
    public static int Select(IReadOnlyList<(EntityTag? ETag, string? LastModified)> candidates, FieldList notModified)
    {
        if (EntityTag.TryParse(notModified.Single(FieldNames.ETag), out var tag))
            return tag.IsWeak ? SelectWeak(candidates, tag, notModified) : IndexOf(candidates, stored => stored.ETag?.StrongEquals(tag) == true);
        if (notModified.Single(FieldNames.LastModified) is { } lastModified)
            return IndexOf(candidates, stored => stored.LastModified == lastModified);
        // §4.3.4 has clients' own conditions in mind and asks that the one stored response has no validator either. Our conditions were made
        // from this one response alone, so a 304 can mean nothing else; many origins leave the validator out.
        return candidates.Count == 1 ? 0 : -1;
    }

    /// <summary>The stored fields, replaced name by name by those of the 304 except what describes the stored body, what is never stored, and Set-Cookie.</summary>
    /// <remarks>A 304 without a Date leaves the stored one: use the overload, which knows when it was received.</remarks>
    public static FieldList Apply(FieldList stored, FieldList notModified)
    {
        var nominated = NeverStoredFields.NominatedBy(notModified);
        var fresh = new List<Field>();
        foreach (var field in notModified)
            if (Updates(field.Name) && nominated?.Contains(field.Name) != true)
                fresh.Add(field);
        return Merge(stored, fresh);
    }

    /// <summary>The same for a 304, or a HEAD answer that freshens (§4.3.5): its Date, or its time of receipt, replaces the stored one (rule 6), and what its qualified no-cache and private name goes.</summary>
    /// <param name="updatesContentType">As §3.2 has it; else the type stays with the body that it came with.</param>
    public static FieldList Apply(FieldList stored, ResponseFacts confirming, bool updatesContentType = false)
    {
        var fresh = new List<Field>();
        foreach (var field in StoredFields.Select(confirming, keepsSetCookie: false))
            if (Updates(field.Name) || (updatesContentType && IsContentType(field.Name)))
                fresh.Add(field);
        var merged = Merge(stored, fresh);
        return confirming.Directives.FieldsNotToStore is { Count: > 0 } dropped ? Without(merged, dropped) : merged;
    }

    // Set-Cookie: our deviation from §3.2 in both presets; a 304 to one client's request must not put a cookie into everybody's answer.
    private static bool Updates(string name) =>
        !NeverStoredFields.Contains(name) && !DescribesBody(name) && !name.Equals(FieldNames.SetCookie, StringComparison.OrdinalIgnoreCase);

    private static bool DescribesBody(string name) =>
        name.Equals("Content-Encoding", StringComparison.OrdinalIgnoreCase)
        || IsContentType(name)
        || name.Equals(FieldNames.ContentRange, StringComparison.OrdinalIgnoreCase)
        || name.Equals(FieldNames.ContentLength, StringComparison.OrdinalIgnoreCase);

    private static bool IsContentType(string name) => name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase);

    private static FieldList Merge(FieldList stored, List<Field> fresh)
    {
        var replaced = fresh.Select(field => field.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new(stored.Where(field => !replaced.Contains(field.Name)).Concat(fresh));
    }

    private static FieldList Without(FieldList fields, IReadOnlyList<string> names) =>
        new(fields.Where(field => !names.Contains(field.Name, StringComparer.OrdinalIgnoreCase)));

    // A weak tag, else Last-Modified where there is no tag to contradict it.
    private static int SelectWeak(IReadOnlyList<(EntityTag? ETag, string? LastModified)> candidates, EntityTag tag, FieldList notModified)
    {
        var byTag = IndexOf(candidates, stored => stored.ETag?.WeakEquals(tag) == true);
        return byTag >= 0 || notModified.Single(FieldNames.LastModified) is not { } lastModified
            ? byTag
            : IndexOf(candidates, stored => stored.ETag is null && stored.LastModified == lastModified);
    }

    private static int IndexOf(IReadOnlyList<(EntityTag? ETag, string? LastModified)> candidates, Func<(EntityTag? ETag, string? LastModified), bool> matches)
    {
        for (var i = 0; i < candidates.Count; i++)
            if (matches(candidates[i]))
                return i;
        return -1;
    }
}
