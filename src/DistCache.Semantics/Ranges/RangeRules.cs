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
        Span<ByteRange> found = stackalloc ByteRange[MostRanges];
        ranges = [];
        // A field that stands there without a value is no validator, but it is a condition.
        if (range is null || (ifRange is not null && !IfRangeHolds(ifRange, etag?.Text, lastModified, date)))
            return RangeDecision.Whole;
        var decision = Decide(range, length, found, out var count);
        if (decision is RangeDecision.Partial)
            ranges = found[..count].ToArray();
        return decision;
    }

    /// <summary>The same for fields of one line each, in memory of the caller's: nothing is allocated.</summary>
    /// <param name="ifRange">Empty when absent.</param>
    /// <param name="etag">An entity-tag, or empty: there is none.</param>
    /// <param name="ranges">Room for <see cref="MostRanges"/>.</param>
    /// <param name="count">For Partial: how many are in it.</param>
    public static RangeDecision Decide(
        ReadOnlySpan<char> range, ReadOnlySpan<char> ifRange, ReadOnlySpan<char> etag, DateTimeOffset? lastModified, DateTimeOffset date, long length, Span<ByteRange> ranges, out int count)
    {
        count = 0;
        return ifRange.IsEmpty || IfRangeHolds(ifRange, etag, lastModified, date) ? Decide(range, length, ranges, out count) : RangeDecision.Whole;
    }

    private static RangeDecision Decide(ReadOnlySpan<char> range, long length, Span<ByteRange> found, out int count)
    {
        count = 0;
        if (!TrySplit(range, out var set))
            return RangeDecision.Whole;
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
                found[count++] = satisfiable;
            asksSuffixOfNothing |= length == 0 && spec.IsSuffixOfSomething;
        }
        if (specs == 0 || asksSuffixOfNothing)
            return RangeDecision.Whole;
        if (count == 0)
            return RangeDecision.NotSatisfiable;
        return SumExceeds(found[..count], length) ? RangeDecision.Whole : RangeDecision.Partial;
    }

    // Range units are case-insensitive (§14.1); any but bytes is unknown to us and ignored (§14.2).
    private static bool TrySplit(ReadOnlySpan<char> range, out ReadOnlySpan<char> set)
    {
        var text = Syntax.Trim(range);
        var isBytes = text.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase);
        set = isBytes ? text[6..] : default;
        return isBytes;
    }

    private static bool IfRangeHolds(ReadOnlySpan<char> ifRange, ReadOnlySpan<char> etag, DateTimeOffset? lastModified, DateTimeOffset date)
    {
        var asked = Syntax.Trim(ifRange);
        if (!asked.IsEmpty && EntityTag.LengthOfFirst(asked) == asked.Length)
            return EntityTag.AreStrongEqual(etag, asked);
        // An exact match, not "earlier than" (§13.1.5), of a Last-Modified that is at least a second older than Date (§8.8.2.2).
        return lastModified is { } modified
            && date - modified >= TimeSpan.FromSeconds(1)
            && HttpDate.TryParse(asked, date, out var since)
            && since == modified;
    }

    private static bool SumExceeds(ReadOnlySpan<ByteRange> ranges, long length)
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
