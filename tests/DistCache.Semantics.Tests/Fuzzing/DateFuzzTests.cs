using System.Globalization;
using System.Text.RegularExpressions;
using CsCheck;
using DistCache.Semantics.Fields;
using DistCache.TestKit;

namespace DistCache.Semantics.Tests.Fuzzing;

/// <summary>RFC 9110 §5.6.7: HTTP-date.</summary>
public partial class DateFuzzTests
{
    private static readonly Gen<string> Text = Fuzz.Near(
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Thu, 29 Feb 2024 23:59:60 GMT", "wednesday, 31-DEC-99 00:00:00 gmt",
        "Mon Jan 31 00:00:00 0001", "Sat, 31 Dec 9999 23:59:59 GMT", "0", "-1");

    private static readonly Gen<DateTimeOffset> Instant = Gen.Long[0, 253_402_300_799].Select(DateTimeOffset.FromUnixTimeSeconds);

    [Fact]
    public void Any_instant_comes_back_from_each_of_the_three_forms() => Fuzz.Holds(Instant, instant =>
    {
        foreach (var form in (string[])["ddd, dd MMM yyyy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy"])
        {
            var text = instant.ToString(form, CultureInfo.InvariantCulture);
            text = form.StartsWith("ddd,", StringComparison.Ordinal) || text[9] != ' ' ? text : text.Insert(8, " ");
            Assert.True(HttpDate.TryParse(text, Make.Now, out var date), text);
            Assert.Equal(instant, date);
        }
        Assert.Equal(instant.ToString("R", CultureInfo.InvariantCulture), HttpDate.Format(instant));
        // A two-digit year means the one that is at most 50 years ahead (§5.6.7), so the clock stands near.
        Assert.True(HttpDate.TryParse(instant.ToString("dddd, dd-MMM-yy HH:mm:ss 'GMT'", CultureInfo.InvariantCulture), Near(instant), out var shortYear));
        Assert.Equal(instant, shortYear);
    });

    [Fact]
    public void What_is_read_is_one_of_the_three_forms_and_a_day_of_the_calendar() => Fuzz.Holds(Text, text =>
    {
        var match = Forms().Match(text);
        var expected = match.Success ? DateOf(match) : null;
        Assert.Equal(expected, HttpDate.TryParse(text, Make.Now, out var date) ? date : null);
        Assert.True(expected is null || (HttpDate.TryParse(HttpDate.Format(date), Make.Now, out var again) && again == date));
    });

    private static DateTimeOffset Near(DateTimeOffset instant) => instant.Year > 9900 ? instant.AddYears(-20) : instant.AddYears(20);

    // Null: no day of the calendar.
    private static DateTimeOffset? DateOf(Match match)
    {
        int Number(string group) => int.Parse(match.Groups[group].Value, NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
        var month = Array.FindIndex(CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedMonthNames, name => name.Equals(match.Groups["month"].Value, StringComparison.OrdinalIgnoreCase)) + 1;
        var year = match.Groups["year"].Value;
        if (year.Length == 2)
        {
            var rest = $"{month:00}{Number("day"):00}{Number("hour"):00}{Number("minute"):00}{Math.Min(59, Number("second")):00}";
            var in50Years = Make.Now.AddYears(50).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
            year = string.CompareOrdinal($"20{year}{rest}", in50Years) > 0 ? $"19{year}" : $"20{year}";
        }
        return DateTime.TryParseExact($"{year}-{month}-{Number("day")}", "yyyy-M-d", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var day)
            ? new DateTimeOffset(day) + new TimeSpan(Number("hour"), Number("minute"), Math.Min(59, Number("second")))
            : null;
    }

    private const string Time = "(?<hour>[01][0-9]|2[0-3]):(?<minute>[0-5][0-9]):(?<second>[0-5][0-9]|60)";
    private const string Month = "(?<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)";

    [GeneratedRegex(
        $@"\A(?:(?:mon|tue|wed|thu|fri|sat|sun), (?<day>[0-9][0-9]) {Month} (?<year>[0-9]{{4}}) {Time} gmt|(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday), (?<day>[0-9][0-9])-{Month}-(?<year>[0-9][0-9]) {Time} gmt|(?:mon|tue|wed|thu|fri|sat|sun) {Month} (?<day> [0-9]|[0-9][0-9]) {Time} (?<year>[0-9]{{4}}))\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Forms();
}
