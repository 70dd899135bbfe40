using System.Numerics;
using CsCheck;
using DistCache.Semantics.Ranges;
using DistCache.TestKit;

namespace DistCache.Semantics.Tests.Fuzzing;

/// <summary>RFC 9110 §14, rules 42 and 43: Range and Content-Range.</summary>
public class RangeFuzzTests
{
    private static readonly Gen<string> Field = Fuzz.Near(
        "bytes=0-0", "bytes=-5", "bytes=5-", "bytes=0-4,5-9", "bytes=9223372036854775807-9223372036854775808", "BYTES=1-2, 4-5 , -1", "bytes=00-01", "items=0-1",
        "bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-");

    private static readonly Gen<long> Length = Gen.OneOf(Gen.Long[0, 12], Gen.OneOf(1L << 40, long.MaxValue));

    [Fact]
    public void A_slow_reader_with_numbers_of_any_size_decides_the_same() => Fuzz.Holds(Gen.Select(Field, Length), pair =>
    {
        var decision = RangeRules.Decide(pair.Item1, null, null, null, Make.Now, pair.Item2, out var ranges);
        var (slow, slowRanges) = Decide(pair.Item1, pair.Item2);
        Assert.Equal(slow, decision);
        Assert.Equal(slowRanges, ranges);
        Assert.True(ranges.Sum(range => (decimal)range.Length) <= pair.Item2);
        Assert.All(ranges, range => Assert.InRange(range.First, 0, range.Last));
    }, pair => $"{Fuzz.Show(pair.Item1)} of {pair.Item2}");

    [Fact]
    public void A_content_range_is_read_as_it_is_written() => Fuzz.Holds(
        Gen.Select(Gen.Long[0, 1L << 61], Gen.Long[0, 1L << 61], Gen.Long[1, 1L << 61], Gen.Bool), parts =>
        {
            var (first, last) = (parts.Item1, parts.Item1 + parts.Item2);
            var written = new ContentRange(new(first, last), parts.Item4 ? last + parts.Item3 : null);
            Assert.True(ContentRange.TryParse(written.ToString(), out var read), written.ToString());
            Assert.Equal(written, read);
        });

    [Fact]
    public void A_content_range_is_read_exactly_when_a_slow_reader_can() => Fuzz.Holds(
        Fuzz.Near("bytes 0-4/5", "bytes 0-4/*", "Bytes 00-04/0010", "bytes */5", "bytes 9223372036854775806-9223372036854775806/9223372036854775807", "items 0-1/2"), field =>
        {
            var slow = SlowReader.ContentRange(field);
            // Beyond what a body can be there is nothing to read.
            var fits = slow is { } range && range.Last < long.MaxValue && (range.Length ?? 0) <= long.MaxValue;
            Assert.Equal(fits, ContentRange.TryParse(field, out var read));
            if (fits)
                Assert.Equal((slow!.Value.First, slow.Value.Last, slow.Value.Length), (read.Range.First, read.Range.Last, (BigInteger?)read.CompleteLength));
        });

    private static (RangeDecision Decision, List<ByteRange> Ranges) Decide(string field, long length)
    {
        if (SlowReader.Ranges(field) is not { Count: > 0 } specs)
            // More than 16 are refused before the rest is read.
            return (TooManyBeforeTheFault(field) ? RangeDecision.NotSatisfiable : RangeDecision.Whole, []);
        if (specs.Count > RangeRules.MostRanges)
            return (RangeDecision.NotSatisfiable, []);
        var found = new List<ByteRange>();
        foreach (var (first, last) in specs)
        {
            var from = first ?? BigInteger.Max(0, length - last!.Value);
            var to = first is null ? length - 1 : BigInteger.Min(last ?? length, length - 1);
            if (from <= to && from < length)
                found.Add(new((long)from, (long)to));
        }
        if (length == 0 && specs.Exists(spec => spec.First is null && spec.Last > 0))
            return (RangeDecision.Whole, []);
        if (found.Count == 0)
            return (RangeDecision.NotSatisfiable, []);
        return found.Sum(range => (decimal)range.Length) > length ? (RangeDecision.Whole, []) : (RangeDecision.Partial, found);
    }

    private static bool TooManyBeforeTheFault(string field)
    {
        var set = field.TrimStart(' ', '\t');
        if (!set.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase))
            return false;
        var members = SlowReader.Members(set[6..]);
        return members.Count > RangeRules.MostRanges && SlowReader.Ranges("bytes=" + string.Join(',', members.Take(RangeRules.MostRanges + 1))) is not null;
    }
}
