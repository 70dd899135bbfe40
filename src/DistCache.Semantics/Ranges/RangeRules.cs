using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Ranges;

/// <summary>RFC 9110 §14, §13.1.5: rules 42, 43.</summary>
public static class RangeRules
{
    public const int MostRanges = 16;

    /// <param name="range">The Range field, null when absent or on several lines (several lines: Whole).</param>
    /// <param name="length">Length of the complete body.</param>
    /// <param name="ranges">For Partial: satisfiable ranges in the order asked for.</param>
    public static RangeDecision Decide(string? range, string? ifRange, EntityTag? etag, DateTimeOffset? lastModified, DateTimeOffset date, long length, out IReadOnlyList<ByteRange> ranges) =>
        throw new NotImplementedException();
}
