using DistCache.Semantics.Fields;
using DistCache.Semantics.Validation;

namespace DistCache.Semantics.Tests.Validation;

/// <summary>RFC 9111 §4.3.4, §3.2; rules 36, 37.</summary>
public class FresheningTests
{
    private const string Monday = "Mon, 12 Jan 2026 00:00:00 GMT";
    private const string Tuesday = "Tue, 13 Jan 2026 00:00:00 GMT";

    // A candidate is written "etag @ last-modified", either may be missing.
    private static (EntityTag?, string?) Candidate(string text)
    {
        var parts = text.Split('@', StringSplitOptions.TrimEntries);
        EntityTag? tag = EntityTag.TryParse(parts[0], out var parsed) ? parsed : null;
        return (tag, parts.Length > 1 ? parts[1] : null);
    }

    [Theory]
    [InlineData("strong validator", "\"a\"|\"b\"", "ETag: \"b\"", 1)]
    [InlineData("strong: the first of several", "\"x\"|\"b\"|\"b\"", "ETag: \"b\"", 1)]
    [InlineData("strong: a weak stored one is no strong match", "W/\"a\"", "ETag: \"a\"", -1)]
    [InlineData("strong without a match: MUST NOT update", "\"a\" @ " + Monday, "ETag: \"z\"|Last-Modified: " + Monday, -1)]
    [InlineData("strong without a match, a single candidate", "\"a\"", "ETag: \"z\"", -1)]
    [InlineData("weak validator", "\"x\"|W/\"a\"", "ETag: W/\"a\"", 1)]
    [InlineData("weak: matches a strong stored one weakly", "\"a\"", "ETag: W/\"a\"", 0)]
    [InlineData("weak without a match", "W/\"a\" @ " + Monday, "ETag: W/\"z\"|Last-Modified: " + Monday, -1)]
    [InlineData("weak, and one without a tag but with that Last-Modified", "W/\"a\" @ " + Monday + "| @ " + Monday, "ETag: W/\"z\"|Last-Modified: " + Monday, 1)]
    [InlineData("Last-Modified", " @ " + Tuesday + "|\"a\" @ " + Monday, "Last-Modified: " + Monday, 1)]
    [InlineData("Last-Modified without a match", " @ " + Tuesday, "Last-Modified: " + Monday, -1)]
    [InlineData("no validator: the only one stored, without one", "", "X: y", 0)]
    [InlineData("no validator: the only one that was asked about", "\"a\"", "X: y", 0)]
    [InlineData("no validator: one of several is nobody's", "\"a\"|\"b\"", "X: y", -1)]
    [InlineData("an invalid ETag is none", "\"a\" @ " + Monday, "ETag: a|Last-Modified: " + Monday, 0)]
    public void Selects(string clause, string candidates, string lines, int expected) =>
        Assert.True(expected == Freshening.Select([.. candidates.Split('|').Select(Candidate)], Make.Fields(Make.Lines(lines))), clause);

    [Fact]
    public void Nothing_stored_selects_nothing() => Assert.Equal(-1, Freshening.Select([], Make.Fields("ETag: \"a\"")));

    private static string Text(FieldList fields) => string.Join('|', fields.Select(field => $"{field.Name}={field.Value}"));

    [Fact]
    public void Replaces_name_by_name_with_all_lines_and_keeps_what_did_not_come() =>
        Assert.Equal(
            "X=keep|A=new1|a=new2|B=new",
            Text(Freshening.Apply(Make.Fields("a: 1", "X: keep", "A: 2", "A: 3"), Make.Fields("A: new1", "a: new2", "B: new"))));

    [Theory]
    [InlineData("Content-Encoding")]
    [InlineData("Content-Type")]
    [InlineData("Content-Range")]
    [InlineData("content-length")]
    public void What_describes_the_stored_body_stays(string name)
    {
        Assert.Equal($"{name}=old", Text(Freshening.Apply(Make.Fields($"{name}: old"), Make.Fields($"{name}: new"))));
        Assert.Equal("A=1", Text(Freshening.Apply(Make.Fields("A: 1"), Make.Fields($"{name}: new"))));
    }

    [Theory]
    [InlineData("Set-Cookie: a=b")]
    [InlineData("Connection: close")]
    [InlineData("Transfer-Encoding: chunked")]
    [InlineData("Age: 5")]
    public void What_is_never_stored_does_not_come_in(string line)
    {
        Assert.Equal("A=1", Text(Freshening.Apply(Make.Fields("A: 1"), Make.Fields(line))));
        Assert.DoesNotContain(line.Split(':')[0], Text(Freshening.Apply(Make.Fields("A: 1"), Make.Response(304, Make.Rfc9111, line))));
    }

    [Fact]
    public void A_stored_Set_Cookie_is_not_replaced() =>
        Assert.Equal("Set-Cookie=a=old", Text(Freshening.Apply(Make.Fields("Set-Cookie: a=old"), Make.Fields("Set-Cookie: a=new"))));

    [Fact]
    public void What_the_Connection_of_the_304_nominates_does_not_come_in() =>
        Assert.Equal("A=1", Text(Freshening.Apply(Make.Fields("A: 1"), Make.Fields("Connection: A", "A: 2"))));

    [Theory]
    [InlineData("ETag: W/\"new\"")]
    [InlineData("Last-Modified: x")]
    [InlineData("Expires: x")]
    [InlineData("Cache-Control: x")]
    [InlineData("Content-Location: /x")]
    [InlineData("Content-MD5: x")]
    [InlineData("Content-Security-Policy: x")]
    [InlineData("Vary: x")]
    [InlineData("Surrogate-Control: max-age=1")]
    [InlineData("CDN-Cache-Control: max-age=1")]
    public void Section_3_2_everything_else_is_updated(string line) =>
        Assert.Equal(line.Replace(": ", "="), Text(Freshening.Apply(Make.Fields(line.Split(':')[0] + ": old"), Make.Fields(line))));

    [Fact]
    public void Rule_6_a_304_without_a_Date_is_dated_when_it_was_received()
    {
        var merged = Freshening.Apply(Make.Fields("Date: " + Make.Date(-600)), Make.Response(304, Make.Safe, "Cache-Control: max-age=60"));
        Assert.Equal(Make.Date(), merged.Single("Date"));
    }

    [Fact]
    public void Rule_36_freshness_is_computed_anew_from_what_results()
    {
        var merged = Freshening.Apply(Make.Fields("Date: " + Make.Date(-600), "Cache-Control: max-age=5", "ETag: \"a\""), Make.Response(304, Make.Safe, "Cache-Control: max-age=60", "ETag: \"a\""));
        var facts = Make.Response([.. merged.Select(field => $"{field.Name}: {field.Value}")]);
        Assert.Equal(Make.Seconds(60), facts.Directives.MaxAge);
        Assert.Equal(Make.Now, facts.Date);
    }

    [Fact]
    public void Rule_19_what_the_304_takes_back_by_name_goes()
    {
        var merged = Freshening.Apply(Make.Fields("Secret: 1", "A: 1"), Make.Response(304, Make.Safe, "Cache-Control: private=\"secret\"", "Secret: 2"));
        Assert.False(merged.Has("Secret"));
        Assert.True(merged.Has("A"));
    }
}
