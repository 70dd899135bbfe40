using CsCheck;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Ranges;

namespace DistCache.Semantics.Tests.Ranges;

/// <summary>RFC 9110 §14, rules 42, 43. The body has 10 bytes unless a row says otherwise.</summary>
public class RangeRulesTests
{
    private static string Decide(string? range, long length = 10, string? ifRange = null, string? etag = "\"a\"", double lastModified = -60)
    {
        var decision = RangeRules.Decide(range, ifRange, etag is null ? null : new EntityTag(etag), Make.Now.AddSeconds(lastModified), Make.Now, length, out var ranges);
        return ranges.Count == 0 ? decision.ToString() : $"{decision} {string.Join(' ', ranges.Select(r => $"{r.First}-{r.Last}"))}";
    }

    [Theory]
    [InlineData("§14.1.2: first and last", "bytes=0-4", "Partial 0-4")]
    [InlineData("§14.1.2: one byte", "bytes=9-9", "Partial 9-9")]
    [InlineData("§14.1.2: open", "bytes=3-", "Partial 3-9")]
    [InlineData("§14.1.2: suffix", "bytes=-3", "Partial 7-9")]
    [InlineData("§14.1.2: last beyond the body", "bytes=5-100", "Partial 5-9")]
    [InlineData("§14.1.2: suffix longer than the body", "bytes=-100", "Partial 0-9")]
    [InlineData("§14.1.2: all of it is still a range", "bytes=0-9", "Partial 0-9")]
    [InlineData("§14.1.2: leading zeros", "bytes=00-004", "Partial 0-4")]
    [InlineData("§14.1: units are case-insensitive", "Bytes=0-4", "Partial 0-4")]
    [InlineData("§5.6.1: white space around members", "bytes= 0-1 , 3-4", "Partial 0-1 3-4")]
    [InlineData("§5.6.1.2: empty members", "bytes=,0-1,,3-4,", "Partial 0-1 3-4")]
    [InlineData("rule 43: in the order asked for", "bytes=8-9,0-1", "Partial 8-9 0-1")]
    [InlineData("rule 43: the satisfiable ones", "bytes=0-1,20-30", "Partial 0-1")]
    [InlineData("rule 43: overlapping within the size of the body", "bytes=0-3,2-5", "Partial 0-3 2-5")]
    [InlineData("rule 43: the sum is the body", "bytes=0-4,5-9", "Partial 0-4 5-9")]
    [InlineData("no overflow: last beyond 2^63", "bytes=0-9223372036854775808", "Partial 0-9")]
    [InlineData("no overflow: last far beyond 2^63", "bytes=0-99999999999999999999999999", "Partial 0-9")]
    [InlineData("no overflow: suffix beyond 2^63", "bytes=-99999999999999999999999999", "Partial 0-9")]
    public void Partial(string clause, string range, string expected) => Assert.True(expected == Decide(range), $"{clause}: {Decide(range)}");

    [Theory]
    [InlineData("rule 42: behind the end", "bytes=10-")]
    [InlineData("rule 42: behind the end", "bytes=10-20")]
    [InlineData("§14.1.2: a suffix of nothing", "bytes=-0")]
    [InlineData("rule 42: all behind the end", "bytes=10-,20-30,-0")]
    [InlineData("no overflow: first beyond 2^63", "bytes=99999999999999999999999999-")]
    [InlineData("rule 43: more than 16", "bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8,9-9,0-0,1-1,2-2,3-3,4-4,5-5,6-6")]
    [InlineData("rule 43: more than 16, satisfiable or not", "bytes=0-0,20-,20-,20-,20-,20-,20-,20-,20-,20-,20-,20-,20-,20-,20-,20-,20-")]
    public void Not_satisfiable(string clause, string range) => Assert.True("NotSatisfiable" == Decide(range), $"{clause}: {Decide(range)}");

    [Theory]
    [InlineData("absent", null)]
    [InlineData("§14.2: another unit", "items=0-4")]
    [InlineData("§14.1.1: no unit", "0-4")]
    [InlineData("§14.1.1: space before =", "bytes =0-4")]
    [InlineData("no ranges", "bytes=")]
    [InlineData("no ranges but commas", "bytes=,,")]
    [InlineData("no dash", "bytes=5")]
    [InlineData("only a dash", "bytes=-")]
    [InlineData("§14.1.2: last before first", "bytes=5-4")]
    [InlineData("§14.1.2: last before first, beyond 2^63", "bytes=99999999999999999999999999-99999999999999999999999998")]
    [InlineData("inner space", "bytes=0 - 4")]
    [InlineData("sign", "bytes=+0-4")]
    [InlineData("two dashes", "bytes=0-4-5")]
    [InlineData("letters", "bytes=a-b")]
    [InlineData("hexadecimal", "bytes=0x0-4")]
    [InlineData("one bad among good", "bytes=0-1,x,3-4")]
    [InlineData("rule 43: the sum exceeds the body", "bytes=0-9,0-0")]
    [InlineData("rule 43: the sum exceeds the body", "bytes=0-,0-,0-")]
    [InlineData("other digits", "bytes=\u0661-\u0662")]
    public void Whole(string clause, string? range) => Assert.True("Whole" == Decide(range), $"{clause}: {Decide(range)}");

    [Theory]
    [InlineData("an empty body has no first byte", "bytes=0-", "NotSatisfiable")]
    [InlineData("an empty body has no first byte", "bytes=0-0", "NotSatisfiable")]
    [InlineData("§14.1.2: a suffix is satisfiable, but there is nothing to name", "bytes=-5", "Whole")]
    [InlineData("a suffix of nothing", "bytes=-0", "NotSatisfiable")]
    public void Empty_body(string clause, string range, string expected) => Assert.True(expected == Decide(range, length: 0), $"{clause}: {Decide(range, length: 0)}");

    [Fact]
    public void A_body_of_the_largest_size_does_not_overflow()
    {
        Assert.Equal($"Partial 1-{long.MaxValue - 1}", Decide("bytes=1-", long.MaxValue));
        Assert.Equal("Whole", Decide("bytes=0-,0-,0-", long.MaxValue));
    }

    [Fact]
    public void Sixteen_ranges_are_allowed() =>
        Assert.StartsWith("Partial", Decide("bytes=" + string.Join(',', Enumerable.Range(0, 16).Select(i => $"{i}-{i}")), length: 16), StringComparison.Ordinal);

    [Theory]
    [InlineData("§13.1.5: equal strong tag", "\"a\"", "\"a\"", "Partial 0-4")]
    [InlineData("§13.1.5: another tag", "\"b\"", "\"a\"", "Whole")]
    [InlineData("§13.1.5: weak tags never match", "W/\"a\"", "W/\"a\"", "Whole")]
    [InlineData("§13.1.5: weak against strong", "W/\"a\"", "\"a\"", "Whole")]
    [InlineData("§13.1.5: no stored tag", "\"a\"", null, "Whole")]
    [InlineData("§13.1.5: garbage", "a", "\"a\"", "Whole")]
    [InlineData("§13.1.5: empty", "", "\"a\"", "Whole")]
    [InlineData("§13.1.5: a list is no If-Range", "\"a\", \"b\"", "\"a\"", "Whole")]
    [InlineData("rule 42: the exact date", "Thu, 15 Jan 2026 11:59:00 GMT", "\"a\"", "Partial 0-4")]
    [InlineData("rule 42: a later date is not exact", "Thu, 15 Jan 2026 11:59:01 GMT", "\"a\"", "Whole")]
    [InlineData("rule 42: an earlier date", "Thu, 15 Jan 2026 11:58:59 GMT", "\"a\"", "Whole")]
    public void If_Range(string clause, string ifRange, string? etag, string expected) => Assert.True(expected == Decide("bytes=0-4", ifRange: ifRange, etag: etag), clause);

    [Theory]
    [InlineData("§8.8.2.2: a second before Date is strong", -1, "Thu, 15 Jan 2026 11:59:59 GMT", "Partial 0-4")]
    [InlineData("§8.8.2.2: the second of Date is weak", 0, "Thu, 15 Jan 2026 12:00:00 GMT", "Whole")]
    public void If_Range_needs_a_strong_date(string clause, double lastModified, string ifRange, string expected) =>
        Assert.True(expected == Decide("bytes=0-4", ifRange: ifRange, lastModified: lastModified), clause);

    [Fact]
    public void If_Range_by_date_without_a_stored_Last_Modified_fails() =>
        Assert.Equal(RangeDecision.Whole, RangeRules.Decide("bytes=0-4", Make.Date(-60), null, null, Make.Now, 10, out _));

    [Fact]
    public void Whatever_is_asked_ranges_lie_inside_and_never_exceed_the_body() =>
        Gen.Select(Gen.String[Gen.Char["0123456789-, "], 0, 40], Gen.Long[0, 200]).Sample(
            (set, length) =>
            {
                var decision = RangeRules.Decide("bytes=" + set, null, null, null, Make.Now, length, out var ranges);
                return (decision == RangeDecision.Partial) == (ranges.Count > 0)
                    && ranges.Count <= RangeRules.MostRanges
                    && ranges.All(range => range.First >= 0 && range.First <= range.Last && range.Last < length)
                    && ranges.Sum(range => range.Length) <= length;
            },
            iter: 200_000);
}
