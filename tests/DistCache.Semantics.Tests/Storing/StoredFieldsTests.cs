using DistCache.Semantics.Fields;
using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Tests.Storing;

/// <summary>RFC 9111 §3.1, rule 19.</summary>
public class StoredFieldsTests
{
    private static string From(CachingOptions options, params string[] lines) =>
        string.Join('|', StoredFields.From(Make.Response(200, options, lines), options).Where(field => field.Name != "Date").Select(field => field.Name + "=" + field.Value));

    [Fact]
    public void All_fields_in_their_order_and_number() =>
        Assert.Equal("B=1|a=2|b=3|X-Unknown=", From(Make.Safe, "B: 1", "a: 2", "b: 3", "X-Unknown:"));

    [Theory]
    [InlineData("Connection: close")]
    [InlineData("keep-alive: timeout=5")]
    [InlineData("Proxy-Authenticate: Basic")]
    [InlineData("Proxy-Authentication-Info: x")]
    [InlineData("Proxy-Authorization: x")]
    [InlineData("Proxy-Connection: keep-alive")]
    [InlineData("TE: trailers")]
    [InlineData("Trailer: x")]
    [InlineData("TRANSFER-ENCODING: chunked")]
    [InlineData("Upgrade: h2c")]
    [InlineData("Age: 5")]
    public void Never(string line)
    {
        Assert.Equal("A=1", From(Make.Safe, line, "A: 1"));
        Assert.Equal("A=1", From(Make.Rfc9111, line, "A: 1"));
    }

    [Theory]
    [InlineData("CDN-Cache-Control: max-age=60")]
    [InlineData("Surrogate-Control: max-age=60")]
    [InlineData("Cache-Control: max-age=60")]
    [InlineData("Cache-Status: x; hit")]
    [InlineData("Content-Length: 5")]
    [InlineData("Via: 1.1 x")]
    public void Always(string line) => Assert.Equal(line.Replace(": ", "="), From(Make.Safe, line));

    [Fact]
    public void What_Connection_nominates_on_any_line_goes() =>
        Assert.Equal("C=3", From(Make.Safe, "Connection: A, close", "a: 1", "Connection: ,b", "B: 2", "C: 3"));

    [Theory]
    [InlineData("rule 19: qualified no-cache", "Cache-Control: no-cache=\"a, B\"")]
    [InlineData("rule 19: qualified private", "Cache-Control: private=\"A,b\"")]
    public void What_is_not_to_be_reused_is_not_stored(string clause, string line) =>
        Assert.True(From(Make.Safe, line, "a: 1", "b: 2", "c: 3").EndsWith("|c=3", StringComparison.Ordinal), clause);

    [Theory]
    [InlineData(SetCookieHandling.StoreWithout, "A=1")]
    [InlineData(SetCookieHandling.AsResponseAllows, "Set-Cookie=x=1|Set-Cookie=y=2|A=1")]
    public void Rule_15_Set_Cookie(SetCookieHandling handling, string expected) =>
        Assert.Equal(expected, From(Make.Rfc9111 with { SetCookie = handling }, "Set-Cookie: x=1", "Set-Cookie: y=2", "A: 1"));

    [Theory]
    [InlineData("rule 6: missing", "A: 1", "Thu, 15 Jan 2026 12:00:00 GMT")]
    [InlineData("rule 6: invalid", "Date: x", "Thu, 15 Jan 2026 12:00:00 GMT")]
    [InlineData("rule 49: a valid one stays byte for byte", "Date: Thursday, 15-Jan-26 11:00:00 GMT", "Thursday, 15-Jan-26 11:00:00 GMT")]
    [InlineData("nominated by Connection", "Date: Thu, 15 Jan 2026 11:00:00 GMT|Connection: date", "Thu, 15 Jan 2026 11:00:00 GMT")]
    public void There_is_one_Date(string clause, string lines, string expected)
    {
        var stored = StoredFields.From(Make.Response(Make.Lines(lines)), Make.Safe);
        Assert.True(expected == stored.Single(FieldNames.Date), clause);
    }
}
