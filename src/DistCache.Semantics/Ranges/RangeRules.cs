using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Ranges;

/// <summary>RFC 9110 §14, §13.1.5: rules 42, 43. For GET, and a 200 that would otherwise go out.</summary>
public static class RangeRules
{
    public const int MostRanges = 16;

    /// <param name="range">The Range field, null when absent or on several lines (several lines: Whole).</param>
    /// <param name="ifRange">The If-Range field, null when absent.</param>
    /// <param name="date">Date of the response: tells whether its Last-Modified is strong.</param>
    /// <param name="length">Length of the complete body.</param>
    /// <param name="ranges">For Partial: satisfiable ranges in the order asked for. Otherwise empty.</param>
    public static RangeDecision Decide(string? range, string? ifRange, EntityTag? etag, DateTimeOffset? lastModified, DateTimeOffset date, long length, out IReadOnlyList<ByteRange> ranges)
    {
        ranges = [];
        if (range is null || !TrySplit(range, out var set) || !IfRangeHolds(ifRange, etag, lastModified, date))
            return RangeDecision.Whole;

        var found = new List<ByteRange>(1);
        var specs = 0;
        var asksSuffixOfNothing = false;
        foreach (var member in new ListMembers(set))
        {
            if (!RangeSpec.TryParse(member, out var spec))
                return RangeDecision.Whole;
            // §14.2: many small or overlapping ranges are how a client makes a server work; ours stops counting here.
            if (++specs > MostRanges)
                return RangeDecision.NotSatisfiable;
            if (spec.Within(length) is { } satisfiable)
                found.Add(satisfiable);
            asksSuffixOfNothing |= length == 0 && spec.IsSuffixOfSomething;
        }
        if (specs == 0 || asksSuffixOfNothing)
            return RangeDecision.Whole;
        if (found.Count == 0)
            return RangeDecision.NotSatisfiable;
        if (SumExceeds(found, length))
            return RangeDecision.Whole;
        ranges = found;
        return RangeDecision.Partial;
    }

    // Range units are case-insensitive (§14.1); any but bytes is unknown to us and ignored (§14.2).
    private static bool TrySplit(string range, out ReadOnlySpan<char> set)
    {
        var text = Syntax.Trim(range);
        var isBytes = text.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase);
        set = isBytes ? text[6..] : default;
        return isBytes;
    }

    private static bool IfRangeHolds(string? ifRange, EntityTag? etag, DateTimeOffset? lastModified, DateTimeOffset date)
    {
        if (ifRange is null)
            return true;
        if (EntityTag.TryParse(ifRange, out var tag))
            return etag?.StrongEquals(tag) == true;
        // An exact match, not "earlier than" (§13.1.5), of a Last-Modified that is at least a second older than Date (§8.8.2.2).
        return lastModified is { } modified
            && date - modified >= TimeSpan.FromSeconds(1)
            && HttpDate.TryParse(Syntax.Trim(ifRange), date, out var asked)
            && asked == modified;
    }

    private static bool SumExceeds(List<ByteRange> ranges, long length)
    {
        long left = length;
        foreach (var range in ranges)
        {
            if (range.Length > left)
                return true;
            left -= range.Length;
        }
        return false;
    }
}
