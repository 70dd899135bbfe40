namespace DistCache.Proxy.Tests.Rules;

/// <summary>Rules 1 to 7, 20 and 21: how fields are read, and how long a response is fresh (RFC 9111 §4.2, §5). Each row holds in both presets.</summary>
public sealed class FreshnessTests(RuleEdges edges) : IClassFixture<RuleEdges>
{
    [Theory]
    [InlineData("rule 20, §4.2.1: max-age", "Cache-Control: max-age=60", 59, "hit")]
    [InlineData("rule 20, §4.2: at its lifetime it is stale", "Cache-Control: max-age=60", 60, "fetch")]
    [InlineData("rule 20: max-age=0", "Cache-Control: max-age=0", 0, "fetch")]
    [InlineData("rule 20: s-maxage beats a shorter max-age", "Cache-Control: max-age=1, s-maxage=60", 59, "hit")]
    [InlineData("rule 20: s-maxage beats a longer max-age", "Cache-Control: max-age=600, s-maxage=60", 60, "fetch")]
    [InlineData("rule 20: in the other order", "Cache-Control: s-maxage=60, max-age=1", 59, "hit")]
    [InlineData("rule 20: over several lines", "Cache-Control: max-age=1|Cache-Control: s-maxage=60", 59, "hit")]
    [InlineData("rule 20: s-maxage=0 beats max-age", "Cache-Control: max-age=60, s-maxage=0", 0, "fetch")]
    [InlineData("rule 20: s-maxage beats Expires in the past", "Cache-Control: s-maxage=60|Expires: {-60}", 59, "hit")]
    [InlineData("rule 20: max-age beats Expires in the past", "Cache-Control: max-age=60|Expires: {-60}", 59, "hit")]
    [InlineData("rule 20: max-age beats an invalid Expires", "Cache-Control: max-age=60|Expires: 0", 59, "hit")]
    [InlineData("rule 20: max-age=0 beats Expires in the future", "Cache-Control: max-age=0|Expires: {3600}", 0, "fetch")]
    [InlineData("rule 20: Expires - Date", "Expires: {60}", 59, "hit")]
    [InlineData("rule 20: Expires - Date, over", "Expires: {60}", 60, "fetch")]
    [InlineData("rule 21: both clocks far ahead of ours", "Date: {7200}|Expires: {7260}", 59, "hit")]
    [InlineData("rule 21: Date ahead, Age above Expires - Date", "Date: {10}|Age: 25|Expires: {30}", 0, "fetch")]
    [InlineData("rule 21: Date behind, Age above Expires - Date", "Date: {-10}|Age: 25|Expires: {10}", 0, "fetch")]
    [InlineData("rule 20: Expires equal to Date", "Expires: {0}", 0, "fetch")]
    [InlineData("rule 21, §4.2.3: apparent age counts", "Cache-Control: max-age=3600|Date: {-7200}", 0, "fetch")]
    [InlineData("rule 21: apparent age below the lifetime", "Cache-Control: max-age=3600|Date: {-1800}", 1799, "hit")]
    [InlineData("rule 21: apparent age and residence add up", "Cache-Control: max-age=3600|Date: {-1800}", 1800, "fetch")]
    [InlineData("rule 21: Age of the tier behind", "Cache-Control: max-age=3600|Age: 1800", 1799, "hit")]
    [InlineData("rule 21: Age at the lifetime is stale on arrival", "Cache-Control: max-age=3600|Age: 3600", 0, "fetch")]
    [InlineData("rule 21: Age above the lifetime", "Cache-Control: max-age=3600|Age: 7200", 0, "fetch")]
    [InlineData("rule 6, 9110 §6.6.1: without Date the time of receipt counts", "NoDate|Cache-Control: max-age=60", 59, "hit")]
    [InlineData("rule 6: Expires without Date", "NoDate|Expires: {60}", 59, "hit")]
    [InlineData("rule 6: invalid Date", "Date: yesterday|Cache-Control: max-age=60", 59, "hit")]
    [InlineData("rule 22, 8246: immutable changes nothing here", "Cache-Control: max-age=60, immutable", 60, "fetch")]
    [InlineData("rule 22: immutable while fresh", "Cache-Control: max-age=60, immutable", 59, "hit")]
    public Task Lifetime_and_age(string clause, string lines, int after, string expected) => CheckAsync(clause, lines, after, expected);

    [Theory]
    [InlineData("rule 1: names are case-insensitive", "Cache-Control: MaX-aGe=60", 59, "hit")]
    [InlineData("rule 1: no-store in capitals", "Cache-Control: No-StOrE, max-age=60", 0, "fetch")]
    [InlineData("rule 1: no-cache in capitals", "Cache-Control: No-CaChE, max-age=60", 0, "fetch")]
    [InlineData("rule 1: quoted argument", "Cache-Control: max-age=\"60\"", 59, "hit")]
    [InlineData("rule 1: unknown directives are ignored", "Cache-Control: foobar, max-age=60, baz=7", 59, "hit")]
    [InlineData("rule 1: odd commas", "Cache-Control: ,, max-age=60 ,", 59, "hit")]
    [InlineData("rule 1: text in a quoted string is no directive", "Cache-Control: extension=\"max-age=3600\", max-age=1", 2, "fetch")]
    [InlineData("rule 1: nor behind it", "Cache-Control: max-age=1, extension=\"max-age=3600\"", 2, "fetch")]
    [InlineData("rule 1: nor with a comma inside", "Cache-Control: extension=\"a, max-age=3600, b\", max-age=1", 2, "fetch")]
    [InlineData("rule 1: nor behind an escaped quote", "Cache-Control: extension=\"a\\\", max-age=3600\", max-age=1", 2, "fetch")]
    [InlineData("rule 1: a name that ends like one", "Cache-Control: x-max-age=3600, max-age=1", 2, "fetch")]
    [InlineData("rule 2, §1.2.2: leading zeros", "Cache-Control: max-age=0060", 59, "hit")]
    [InlineData("rule 2: 2^31-1", "Cache-Control: max-age=2147483647", 100, "hit")]
    [InlineData("rule 2: 2^31", "Cache-Control: max-age=2147483648", 100, "hit")]
    [InlineData("rule 2: larger", "Cache-Control: max-age=99999999999999999999", 100, "hit")]
    [InlineData("rule 2: negative", "Cache-Control: max-age=-60", 0, "fetch")]
    [InlineData("rule 2: plus", "Cache-Control: max-age=+60", 0, "fetch")]
    [InlineData("rule 2: fraction", "Cache-Control: max-age=60.5", 0, "fetch")]
    [InlineData("rule 2: single quotes", "Cache-Control: max-age='60'", 0, "fetch")]
    [InlineData("rule 2: no value", "Cache-Control: max-age", 0, "fetch")]
    [InlineData("rule 2: empty value", "Cache-Control: max-age=", 0, "fetch")]
    [InlineData("rule 2: letters before", "Cache-Control: max-age=a60", 0, "fetch")]
    [InlineData("rule 2: letters behind", "Cache-Control: max-age=60a", 0, "fetch")]
    [InlineData("rule 2: space before the sign", "Cache-Control: max-age =60", 0, "fetch")]
    [InlineData("rule 2: space behind the sign", "Cache-Control: max-age= 60", 0, "fetch")]
    [InlineData("rule 2: an invalid lifetime is stale, also beside Expires", "Cache-Control: max-age=nonsense|Expires: {3600}", 0, "fetch")]
    [InlineData("rule 3, §4.2.1: the shorter of two", "Cache-Control: max-age=60, max-age=1", 2, "fetch")]
    [InlineData("rule 3: in the other order", "Cache-Control: max-age=1, max-age=60", 2, "fetch")]
    [InlineData("rule 3: on two lines", "Cache-Control: max-age=60|Cache-Control: max-age=1", 2, "fetch")]
    [InlineData("rule 3: on two lines, in the other order", "Cache-Control: max-age=1|Cache-Control: max-age=60", 2, "fetch")]
    [InlineData("rule 3: both fresh", "Cache-Control: max-age=600, max-age=60", 59, "hit")]
    [InlineData("rule 7: Pragma in a response", "Cache-Control: max-age=60|Pragma: no-cache", 59, "hit")]
    [InlineData("rule 7: an unknown Pragma", "Cache-Control: max-age=60|Pragma: foo", 59, "hit")]
    [InlineData("rule 7: an unknown directive", "Cache-Control: foo, max-age=60", 59, "hit")]
    public Task Cache_Control(string clause, string lines, int after, string expected) => CheckAsync(clause, lines, after, expected);

    [Theory]
    [InlineData("rule 4, §5.1: the first of a list", "7200, 0", "fetch")]
    [InlineData("rule 4: the first of a list, young", "0, 7200", "hit")]
    [InlineData("rule 4: the first line", "7200|Age: 0", "fetch")]
    [InlineData("rule 4: the first line, young", "0|Age: 7200", "hit")]
    [InlineData("rule 4: twice the same", "0, 0", "hit")]
    [InlineData("rule 4: negative is ignored", "-7200", "hit")]
    [InlineData("rule 4: a fraction is ignored", "7200.0", "hit")]
    [InlineData("rule 4: letters before are ignored", "abc7200", "hit")]
    [InlineData("rule 4: letters behind are ignored", "7200abc", "hit")]
    [InlineData("rule 4: a parameter is ignored", "7200;foo=bar", "hit")]
    [InlineData("rule 4: a number as parameter", "7200;foo=111", "hit")]
    [InlineData("rule 4: words", "old", "hit")]
    [InlineData("rule 4: 2^31-1", "2147483647", "fetch")]
    [InlineData("rule 4: 2^31", "2147483648", "fetch")]
    [InlineData("rule 4: larger", "99999999999999999999", "fetch")]
    public Task Age_of_the_tier_behind(string clause, string age, string expected) => CheckAsync(clause, "Cache-Control: max-age=3600|Age: " + age, 0, expected);

    [Theory]
    [InlineData("rule 5, 9110 §5.6.7: rfc850", "Sunday, 22-Nov-26 18:00:00 GMT", "hit")]
    [InlineData("rule 5: asctime", "Sun Nov 22 18:00:00 2026", "hit")]
    [InlineData("rule 5, §4.2: letters of either case", "SUN, 22 nOV 2026 18:00:00 gmt", "hit")]
    [InlineData("rule 5: year 9999", "Fri, 31 Dec 9999 23:59:59 GMT", "hit")]
    [InlineData("rule 5: zone UTC", "Sun, 22 Nov 2026 18:00:00 UTC", "fetch")]
    [InlineData("rule 5: zone EST", "Sun, 22 Nov 2026 18:00:00 EST", "fetch")]
    [InlineData("rule 5: zone +0000", "Sun, 22 Nov 2026 18:00:00 +0000", "fetch")]
    [InlineData("rule 5: no zone", "Sun, 22 Nov 2026 18:00:00", "fetch")]
    [InlineData("rule 5: two-digit year", "Sun, 22 Nov 26 18:00:00 GMT", "fetch")]
    [InlineData("rule 5: no comma", "Sun 22 Nov 2026 18:00:00 GMT", "fetch")]
    [InlineData("rule 5: no weekday", "22 Nov 2026 18:00:00 GMT", "fetch")]
    [InlineData("rule 5: double spaces", "Sun, 22  Nov  2026  18:00:00  GMT", "fetch")]
    [InlineData("rule 5: dashes", "Sun, 22-Nov-2026 18:00:00 GMT", "fetch")]
    [InlineData("rule 5: dots", "Sun, 22 Nov 2026 18.00.00 GMT", "fetch")]
    [InlineData("rule 5: one-digit hour", "Sun, 29 Nov 2026 8:00:00 GMT", "fetch")]
    [InlineData("rule 5: 0", "0", "fetch")]
    [InlineData("rule 5: -1", "-1", "fetch")]
    [InlineData("rule 5: empty", "", "fetch")]
    [InlineData("rule 5: two lines", "Sun, 22 Nov 2026 18:00:00 GMT|Expires: Sun, 22 Nov 2026 18:00:00 GMT", "fetch")]
    [InlineData("rule 5: two lines, one of them invalid", "0|Expires: Sun, 22 Nov 2026 18:00:00 GMT", "fetch")]
    public Task Expires(string clause, string date, string expected) => CheckAsync(clause, "Expires: " + date, 0, expected);

    [Theory]
    [InlineData("rule 7, §5.4: Pragma: no-cache of a client", "Pragma: no-cache")]
    [InlineData("rule 7: any Pragma", "Pragma: foo")]
    [InlineData("rule 7: unknown request directives", "Cache-Control: foo")]
    [InlineData("§4: a Cookie is no part of the key", "Cookie: a=b")]
    [InlineData("§4.1: what Vary does not name is no part of the key", "X-Other: 1")]
    public async Task A_request_field_that_changes_nothing(string clause, string line)
    {
        foreach (var preset in RuleEdges.Presets)
            Assert.True("hit" == await edges.Row(preset).SecondAsync("Cache-Control: max-age=60", second: line), $"{preset}: {clause}");
    }

    private async Task CheckAsync(string clause, string lines, int after, string expected)
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var outcome = await edges.Row(preset).SecondAsync(lines, after);
            Assert.True(expected == outcome, $"{preset}: {clause}: {outcome}");
        }
    }
}
