using CsCheck;
using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Tests.Fields;

public class HttpDateTests
{
    [Theory]
    [InlineData("9110 §5.6.7: IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z")]
    [InlineData("9110 §5.6.7: rfc850-date", "Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z")]
    [InlineData("9110 §5.6.7: asctime-date, day padded with a space", "Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z")]
    [InlineData("9110 §5.6.7: asctime-date, two-digit day", "Wed Nov 16 08:49:37 1994", "1994-11-16T08:49:37Z")]
    [InlineData("rule 5: rfc850 reads 50 years ahead", "Thursday, 18-Aug-50 02:01:18 GMT", "2050-08-18T02:01:18Z")]
    [InlineData("9110 §5.6.7: exactly 50 years ahead is the future", "Wednesday, 15-Jan-76 12:00:00 GMT", "2076-01-15T12:00:00Z")]
    [InlineData("9110 §5.6.7: a second more is the past", "Thursday, 15-Jan-76 12:00:01 GMT", "1976-01-15T12:00:01Z")]
    [InlineData("9110 §5.6.7: 99 is the past", "Friday, 01-Jan-99 00:00:00 GMT", "1999-01-01T00:00:00Z")]
    [InlineData("9111 §4.2: weekday of any case", "THU, 18 Aug 2050 02:01:18 GMT", "2050-08-18T02:01:18Z")]
    [InlineData("9111 §4.2: month of any case", "Thu, 18 AUG 2050 02:01:18 GMT", "2050-08-18T02:01:18Z")]
    [InlineData("9111 §4.2: zone of any case", "Thu, 18 Aug 2050 02:01:18 gMT", "2050-08-18T02:01:18Z")]
    [InlineData("leap day", "Thu, 29 Feb 2024 00:00:00 GMT", "2024-02-29T00:00:00Z")]
    [InlineData("9110 §5.6.7: leap second", "Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59Z")]
    [InlineData("last date", "Fri, 31 Dec 9999 23:59:60 GMT", "9999-12-31T23:59:59Z")]
    [InlineData("a wrong weekday is still a weekday", "Mon, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z")]
    [InlineData("rfc850 with the longest weekday", "Wednesday, 09-Nov-94 08:49:37 GMT", "1994-11-09T08:49:37Z")]
    public void Reads_the_three_forms(string clause, string text, string expected)
    {
        Assert.True(HttpDate.TryParse(text, Make.Now, out var date), clause);
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), date);
    }

    [Theory]
    [InlineData("rule 5: zero", "0")]
    [InlineData("rule 5: minus one", "-1")]
    [InlineData("rule 5: empty", "")]
    [InlineData("rule 5: UTC", "Thu, 18 Aug 2050 02:01:18 UTC")]
    [InlineData("rule 5: AEST", "Thu, 18 Aug 2050 02:01:18 AEST")]
    [InlineData("rule 5: numeric zone", "Thu, 18 Aug 2050 02:01:18 +0000")]
    [InlineData("rule 5: no zone", "Thu, 18 Aug 2050 02:01:18")]
    [InlineData("rule 5: two-digit year in IMF form", "Thu, 18 Aug 50 02:01:18 GMT")]
    [InlineData("rule 5: missing comma", "Thu 18 Aug 2050 02:01:18 GMT")]
    [InlineData("rule 5: double spaces", "Thu, 18  Aug  2050 02:01:18 GMT")]
    [InlineData("rule 5: double space behind the comma", "Thu,  8 Aug 2050 02:01:18 GMT")]
    [InlineData("rule 5: dashes", "Thu, 18-Aug-2050 02:01:18 GMT")]
    [InlineData("rule 5: dots", "Thu, 18 Aug 2050 02.01.18 GMT")]
    [InlineData("rule 5: one-digit hour", "Thu, 18 Aug 2050 2:01:18 GMT")]
    [InlineData("rule 5: one-digit day", "Thu, 8 Aug 2050 02:01:18 GMT")]
    [InlineData("rule 5: leading space", " Thu, 18 Aug 2050 02:01:18 GMT")]
    [InlineData("rule 5: trailing text", "Thu, 18 Aug 2050 02:01:18 GMT ")]
    [InlineData("no such weekday", "Xyz, 18 Aug 2050 02:01:18 GMT")]
    [InlineData("no such month", "Thu, 18 Xyz 2050 02:01:18 GMT")]
    [InlineData("a month name that lies across two", "Thu, 18 anF 2050 02:01:18 GMT")]
    [InlineData("hour 24", "Thu, 18 Aug 2050 24:00:00 GMT")]
    [InlineData("minute 60", "Thu, 18 Aug 2050 00:60:00 GMT")]
    [InlineData("second 61", "Thu, 18 Aug 2050 00:00:61 GMT")]
    [InlineData("day 0", "Thu, 00 Aug 2050 00:00:00 GMT")]
    [InlineData("day 31 in June", "Fri, 31 Jun 2050 00:00:00 GMT")]
    [InlineData("29 February in a common year", "Sat, 29 Feb 2025 00:00:00 GMT")]
    [InlineData("year 0", "Thu, 18 Aug 0000 02:01:18 GMT")]
    [InlineData("rfc850 with a short weekday", "Sun, 06-Nov-94 08:49:37 GMT")]
    [InlineData("rfc850 with a long year", "Sunday, 06-Nov-1994 08:49:37 GMT")]
    [InlineData("asctime with a zone", "Sun Nov  6 08:49:37 1994 GMT")]
    [InlineData("asctime with a one-digit day and no pad", "Sun Nov 6 08:49:37 1994")]
    [InlineData("ISO 8601", "2050-08-18T02:01:18Z")]
    [InlineData("letters that only look like ours", "\u017Fun, 06 Nov 1994 08:49:37 GMT")]
    public void Anything_else_is_no_date(string clause, string text) => Assert.False(HttpDate.TryParse(text, Make.Now, out _), clause);

    [Fact]
    public void The_century_is_chosen_near_the_ends_of_the_calendar_too()
    {
        Assert.True(HttpDate.TryParse("Sunday, 06-Nov-94 08:49:37 GMT", DateTimeOffset.MaxValue, out var late));
        Assert.Equal(9994, late.Year);
        Assert.False(HttpDate.TryParse("Sunday, 06-Nov-94 08:49:37 GMT", DateTimeOffset.MinValue, out _));
    }

    [Fact]
    public void Format_is_IMF_fixdate_in_GMT() =>
        Assert.Equal("Sun, 06 Nov 1994 08:49:37 GMT", HttpDate.Format(new(1994, 11, 6, 10, 49, 37, TimeSpan.FromHours(2))));

    [Fact]
    public void What_was_formatted_reads_back() =>
        Gen.DateTimeOffset.Sample(
            date =>
            {
                var text = HttpDate.Format(date);
                return text.Length == 29
                    && HttpDate.TryParse(text, Make.Now, out var read)
                    && read.UtcTicks == date.UtcTicks - (date.UtcTicks % TimeSpan.TicksPerSecond);
            },
            iter: 10_000);
}
