using DistCache.Semantics.Fields;
using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Ranges;

/// <summary>May this 206 be stored (rule 44)?</summary>
public enum PartialStorage
{
    Store,

    /// <summary>No strong ETag: nothing could ever be combined with it safely.</summary>
    NoStrongValidator,

    /// <summary>No Content-Range, not exactly one, an unknown complete length (multipart too), or one that does not fit the content.</summary>
    ContentRange,
}

/// <summary>May two stored responses, at least one partial, become one (RFC 9111 §3.4)?</summary>
public enum PartialCombination
{
    Combine,

    /// <summary>The validators are not equal strong ones: the newer response replaces the older.</summary>
    DifferentValidator,

    /// <summary>The same validator with different complete lengths: one of the two is wrong, so neither is trusted.</summary>
    DifferentLength,
}

/// <summary>Rule 44, RFC 9111 §3.3, §3.4. Beside these the general rules of storing hold.</summary>
public static class PartialRules
{
    /// <param name="contentLength">How many bytes came.</param>
    public static PartialStorage MayStore(ResponseFacts response, long contentLength)
    {
        if (response.ETag is not { IsWeak: false })
            return PartialStorage.NoStrongValidator;
        var fits = ContentRange.TryParse(response.Fields.Single(FieldNames.ContentRange), out var range)
            && range.CompleteLength is not null
            && range.Range.Length == contentLength;
        return fits ? PartialStorage.Store : PartialStorage.ContentRange;
    }

    /// <param name="firstLength">Complete length of the representation that the first belongs to.</param>
    public static PartialCombination Combine(EntityTag? first, long firstLength, EntityTag? second, long secondLength)
    {
        if (first is not { } a || second is not { } b || !a.StrongEquals(b))
            return PartialCombination.DifferentValidator;
        return firstLength == secondLength ? PartialCombination.Combine : PartialCombination.DifferentLength;
    }
}
