using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using CsCheck;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Policies;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Fuzzing;

/// <summary>Sizes and durations as operators write them.</summary>
public partial class SizeFuzzTests
{
    private static readonly (string Unit, long Bytes)[] Sizes =
        [("", 1), ("b", 1), ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("tib", 1L << 40), ("kb", 1000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000)];

    [Fact]
    public void A_slow_reader_finds_the_same_size_or_refuses_too() => Fuzz.Holds(
        Fuzz.Near("512MiB", "1.5 GiB", "0.5kB", "17", " 64 kib ", "9223372036854775807", "8388607.999TiB", ".5MiB", "5.B", "0.0000000000000000000000000000000000001TiB"), text =>
            Assert.Equal(Bytes(text), ByteSize.TryParse(text, out var bytes) ? bytes : null));

    [Fact]
    public void A_size_is_read_as_it_is_written() => Fuzz.Holds(Gen.Select(Gen.Long[0, 1 << 20], Gen.OneOf(Sizes), Gen.OneOf("", " ")), parts =>
    {
        Assert.True(ByteSize.TryParse($"{parts.Item1}{parts.Item3}{parts.Item2.Unit}", out var bytes));
        Assert.Equal(parts.Item1 * parts.Item2.Bytes, bytes);
        if (ByteSize.Format(bytes) is var shown && !shown.Contains('.') && !shown.EndsWith("bytes", StringComparison.Ordinal))
            Assert.True(ByteSize.TryParse(shown, out _), shown);
    });

    [Fact]
    public void A_slow_reader_finds_the_same_duration_or_refuses_too() => Fuzz.Holds(
        Fuzz.Near("500ms", "30s", "5m", "2h", "1d", "00:05:00", "1.02:03:04.5", "365d", "366d", " 7 s", "-1s", "00:00:-1"), text =>
        {
            var read = Duration.TryParse(text, out var duration);
            if (read)
                Assert.InRange(duration, TimeSpan.Zero, Duration.Most);
            // With colons it is .NET's own form.
            if (!text.Contains(':'))
                Assert.Equal(Length(text), read ? duration : null);
        });

    private static long? Bytes(string text)
    {
        var match = Size().Match(text);
        if (!match.Success)
            return null;
        var (whole, part) = (match.Groups["whole"].Value, match.Groups["part"].Value);
        if (whole.Length + part.Length == 0 || match.Groups["whole"].Length + match.Groups["point"].Length + part.Length > 28)
            return null;
        var unit = Sizes.First(size => size.Unit.Equals(match.Groups["unit"].Value, StringComparison.OrdinalIgnoreCase)).Bytes;
        var scaled = BigInteger.Parse(whole + part, CultureInfo.InvariantCulture) * unit;
        var bytes = BigInteger.DivRem(scaled, BigInteger.Pow(10, part.Length), out var rest);
        return rest.IsZero && bytes <= long.MaxValue ? (long)bytes : null;
    }

    private static TimeSpan? Length(string text)
    {
        var match = Time().Match(text);
        if (!match.Success || BigInteger.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture) is var count && count > int.MaxValue)
            return null;
        var unit = match.Groups["unit"].Value switch { "ms" => 1L, "s" => 1000, "m" => 60_000, "h" => 3_600_000, _ => 86_400_000 };
        return count * unit <= (long)Duration.Most.TotalMilliseconds ? TimeSpan.FromMilliseconds((long)(count * unit)) : null;
    }

    [GeneratedRegex(@"\A\s*(?<whole>[0-9]*)(?:(?<point>\.)(?<part>[0-9]*))?\s*(?<unit>|b|[kmgt]b|[kmgt]ib)\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Size();

    [GeneratedRegex(@"\A\s*(?<count>[0-9]+)(?<unit>ms|s|m|h|d)\s*\z")]
    private static partial Regex Time();
}
