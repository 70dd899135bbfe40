using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>Rules 11 to 19 and 22: what may be stored (RFC 9111 §3). Each row: what becomes of the second request in safe, and in rfc9111.</summary>
public sealed class StoringTests(RuleEdges edges) : IClassFixture<RuleEdges>
{
    [Theory]
    [InlineData("200 OK")]
    [InlineData("203 Non-Authoritative Information")]
    [InlineData("204 No Content")]
    [InlineData("299 Whatever")]
    [InlineData("301 Moved Permanently")]
    [InlineData("302 Found")]
    [InlineData("303 See Other")]
    [InlineData("307 Temporary Redirect")]
    [InlineData("308 Permanent Redirect")]
    [InlineData("400 Bad Request")]
    [InlineData("404 Not Found")]
    [InlineData("410 Gone")]
    [InlineData("499 Whatever")]
    [InlineData("500 Internal Server Error")]
    [InlineData("502 Bad Gateway")]
    [InlineData("503 Service Unavailable")]
    [InlineData("504 Gateway Timeout")]
    [InlineData("599 Whatever")]
    public async Task Rule_11_any_final_status_is_reused_while_explicitly_fresh_and_never_stale(string status)
    {
        foreach (var preset in RuleEdges.Presets)
        {
            Assert.True("hit" == await edges.Row(preset).SecondAsync("Cache-Control: max-age=60", 59, status), preset + ": §3 fresh");
            var row = edges.Row(preset);
            row.Answer(
                Answers.WithLength(status, [], row.Lines("Cache-Control: max-age=60|X-Answer: one")),
                Answers.WithLength(status, [], row.Lines("Cache-Control: no-store|X-Answer: two")));
            await row.GetAsync();
            row.Pass(61);
            Assert.True("two" == (await row.GetAsync()).Field("X-Answer"), preset + ": §4.2.4 stale");
        }
    }

    [Theory]
    [InlineData("rule 12, §5.2.2.3: understood, over no-store", "200 OK", "Cache-Control: max-age=60, no-store, must-understand", "hit", "hit")]
    [InlineData("rule 12: not understood", "599 Whatever", "Cache-Control: max-age=60, must-understand", "fetch", "fetch")]
    [InlineData("rule 12: not understood, with no-store", "299 Whatever", "Cache-Control: max-age=60, no-store, must-understand", "fetch", "fetch")]
    [InlineData("rule 13, §5.2.2.5: no-store", "200 OK", "Cache-Control: no-store", "fetch", "fetch")]
    [InlineData("rule 13: no-store beside max-age", "200 OK", "Cache-Control: no-store, max-age=60", "fetch", "fetch")]
    [InlineData("rule 13, §5.2.2.7: private", "200 OK", "Cache-Control: private, max-age=60", "fetch", "fetch")]
    [InlineData("rule 15: Set-Cookie", "200 OK", "Cache-Control: max-age=60|Set-Cookie: a=b", "fetch", "hit")]
    [InlineData("rule 16: no freshness, no validator", "200 OK", "X: 1", "fetch", "fetch")]
    [InlineData("rule 16: no freshness, ETag", "200 OK", "ETag: \"a\"", "fetch", "304")]
    [InlineData("rule 16: public is no freshness", "200 OK", "Cache-Control: public", "fetch", "fetch")]
    [InlineData("rule 17, §4.2.2: a tenth of a day", "200 OK", "Last-Modified: {-86400}", "fetch", "hit")]
    [InlineData("rule 17: 203", "203 Whatever", "Last-Modified: {-86400}", "fetch", "hit")]
    [InlineData("rule 17: 204", "204 No Content", "Last-Modified: {-86400}", "fetch", "hit")]
    [InlineData("rule 17: 300", "300 Multiple Choices", "Last-Modified: {-86400}", "fetch", "hit")]
    [InlineData("rule 17: 301", "301 Moved Permanently", "Last-Modified: {-86400}", "fetch", "hit")]
    [InlineData("rule 17: 308", "308 Permanent Redirect", "Last-Modified: {-86400}", "fetch", "hit")]
    [InlineData("rule 17: 404", "404 Not Found", "Last-Modified: {-86400}", "fetch", "hit")]
    [InlineData("rule 17: 405", "405 Method Not Allowed", "Last-Modified: {-86400}", "fetch", "hit")]
    [InlineData("rule 17: 410", "410 Gone", "Last-Modified: {-86400}", "fetch", "hit")]
    [InlineData("rule 17: 414", "414 URI Too Long", "Last-Modified: {-86400}", "fetch", "hit")]
    [InlineData("rule 17: 501", "501 Not Implemented", "Last-Modified: {-86400}", "fetch", "hit")]
    [InlineData("rule 17: not 201", "201 Created", "Last-Modified: {-86400}", "fetch", "fetch")]
    [InlineData("rule 17: not 202", "202 Accepted", "Last-Modified: {-86400}", "fetch", "fetch")]
    [InlineData("rule 17: not 302", "302 Found", "Last-Modified: {-86400}", "fetch", "fetch")]
    [InlineData("rule 17: not 403", "403 Forbidden", "Last-Modified: {-86400}", "fetch", "fetch")]
    [InlineData("rule 17: not 502", "502 Bad Gateway", "Last-Modified: {-86400}", "fetch", "fetch")]
    [InlineData("rule 17: not 503", "503 Service Unavailable", "Last-Modified: {-86400}", "fetch", "fetch")]
    [InlineData("rule 17: not 504", "504 Gateway Timeout", "Last-Modified: {-86400}", "fetch", "fetch")]
    [InlineData("rule 17: not an unknown status", "599 Whatever", "Last-Modified: {-86400}", "fetch", "fetch")]
    [InlineData("rule 17: any status with public", "599 Whatever", "Last-Modified: {-86400}|Cache-Control: public", "fetch", "hit")]
    [InlineData("rule 17: not beside max-age=0", "200 OK", "Last-Modified: {-86400}|Cache-Control: max-age=0", "304", "304")]
    [InlineData("rule 17: not beside an invalid max-age", "200 OK", "Last-Modified: {-86400}|Cache-Control: max-age=x", "304", "304")]
    [InlineData("rule 17: not from the future", "200 OK", "Last-Modified: {60}", "fetch", "304")]
    [InlineData("rule 22: no-cache is validated each time", "200 OK", "Cache-Control: no-cache, max-age=60|ETag: \"a\"", "304", "304")]
    [InlineData("rule 22: no-cache without freshness", "200 OK", "Cache-Control: no-cache|ETag: \"a\"", "304", "304")]
    [InlineData("rule 18: in safe only explicit freshness stores a 405", "405 Method Not Allowed", "ETag: \"a\"", "fetch", "304")]
    [InlineData("rule 16: an attachment like any other", "200 OK", "Cache-Control: max-age=60|Content-Disposition: attachment; filename=a.exe", "hit", "hit")]
    [InlineData("rule 13: Vary: *", "200 OK", "Cache-Control: max-age=60|Vary: *", "fetch", "fetch")]
    public async Task Stored_or_not(string clause, string status, string lines, string safe, string rfc9111)
    {
        foreach (var (preset, expected) in new[] { ("safe", safe), ("rfc9111", rfc9111) })
        {
            var outcome = await edges.Row(preset).SecondAsync(lines, status: status);
            Assert.True(expected == outcome, $"{preset}: {clause}: {outcome}");
        }
    }

    [Theory]
    [InlineData("§3.5: nothing permits it", "Cache-Control: max-age=60", "fetch")]
    [InlineData("§3.5: public", "Cache-Control: max-age=60, public", "hit")]
    [InlineData("§3.5: must-revalidate", "Cache-Control: max-age=60, must-revalidate", "hit")]
    [InlineData("§3.5: s-maxage", "Cache-Control: s-maxage=60", "hit")]
    [InlineData("§3.5: an invalid s-maxage permits nothing", "Cache-Control: max-age=60, s-maxage=x", "fetch")]
    public async Task Rule_14_with_credentials(string clause, string lines, string expected)
    {
        foreach (var preset in RuleEdges.Presets)
            foreach (var second in (string[])["", "Authorization: Basic YTpi"])
                Assert.True(expected == await edges.Row(preset).SecondAsync(lines, first: "Authorization: Basic YTpi", second: second), $"{preset}: {clause}");
    }

    [Theory]
    [InlineData("Connection", "X-Nominated")]
    [InlineData("Keep-Alive", "timeout=5")]
    [InlineData("Proxy-Authenticate", "Basic")]
    [InlineData("Proxy-Authentication-Info", "a")]
    [InlineData("Proxy-Authorization", "Basic a")]
    [InlineData("Proxy-Connection", "keep-alive")]
    [InlineData("TE", "trailers")]
    [InlineData("Trailer", "X-T")]
    [InlineData("Upgrade", "x/1")]
    public async Task Rule_19_not_stored(string name, string value) // RFC 9111 §3.1
    {
        var row = edges.Row("rfc9111");
        row.Stored($"Cache-Control: max-age=60|{name}: {value}|X-Nominated: 1|X-Kept: 1");
        await row.GetAsync();
        var hit = await row.GetAsync();
        Assert.Null(hit.Field(name));
        Assert.Equal(name == "Connection" ? null : "1", hit.Field("X-Nominated"));
        Assert.Equal("1", hit.Field("X-Kept"));
    }

    [Theory]
    [InlineData("Content-Encoding", "whatever")]
    [InlineData("Content-Location", "/foo")]
    [InlineData("Content-MD5", "rL0Y20zC+Fzt72VPzMSk2A==")]
    [InlineData("Content-Range", "bytes 0-2/3")]
    [InlineData("Content-Security-Policy", "default-src 'self'")]
    [InlineData("Content-Type", "text/plain")]
    [InlineData("Content-Foo", "1")]
    [InlineData("X-Content-Foo", "1")]
    [InlineData("Clear-Site-Data", "cache")]
    [InlineData("ETag", "\"abc\"")]
    [InlineData("Expires", "Fri, 01 Jan 2038 00:00:00 GMT")]
    [InlineData("Last-Modified", "Fri, 01 Jan 2021 00:00:00 GMT")]
    [InlineData("Public-Key-Pins", "a")]
    [InlineData("Set-Cookie", "a=b")]
    [InlineData("Set-Cookie2", "a=b")]
    [InlineData("X-Frame-Options", "deny")]
    [InlineData("X-XSS-Protection", "1")]
    [InlineData("Warning", "110 - \"stale\"")]
    public async Task Rule_19_stored(string name, string value) // RFC 9111 §3.1: all others
    {
        var row = edges.Row("rfc9111");
        row.Stored($"Cache-Control: max-age=60|{name}: {value}");
        Assert.Equal(value, (await row.GetAsync()).Field(name));
        Assert.Equal(value, (await row.GetAsync()).Field(name));
        Assert.Single(row.Asked);
    }

    [Theory]
    [InlineData("no-cache=\"X-Secret\"")]
    [InlineData("private=\"X-Secret, X-Other\"")]
    [InlineData("no-cache=X-Secret")]
    public async Task Rule_19_fields_that_a_qualified_directive_names_are_not_reused(string directive) // §5.2.2.4, §5.2.2.7
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Stored($"Cache-Control: max-age=60, {directive}|X-Secret: 1|X-Open: 1");
            Assert.Equal("1", (await row.GetAsync()).Field("X-Open"));
            var hit = await row.GetAsync();
            Assert.Single(row.Asked);
            Assert.Null(hit.Field("X-Secret"));
            Assert.Equal("1", hit.Field("X-Open"));
        }
    }

    [Fact]
    public async Task Rule_6_a_response_without_a_Date_gets_the_time_of_its_receipt() // RFC 9110 §6.6.1
    {
        var row = edges.Row("safe");
        row.Stored("NoDate|Cache-Control: max-age=60");
        var date = row.At(0);
        await row.GetAsync();
        row.Pass(30);
        Assert.Equal(date, (await row.GetAsync()).Field("Date"));
    }

    [Fact]
    public async Task Rule_49_a_stored_Date_is_not_renewed()
    {
        var row = edges.Row("safe");
        row.Stored("Date: {-5}|Cache-Control: max-age=60");
        var date = row.At(-5);
        await row.GetAsync();
        row.Pass(10);
        Assert.Equal(date, (await row.GetAsync()).Field("Date"));
    }

    [Fact]
    public async Task Rule_17_the_guess_ends_at_a_day() // RFC 9111 §4.2.2
    {
        Assert.Equal("hit", await edges.Row("rfc9111").SecondAsync("Last-Modified: {-8640000}", 86399));
        Assert.Equal("304", await edges.Row("rfc9111").SecondAsync("Last-Modified: {-8640000}", 86400));
        Assert.Equal("hit", await edges.Row("rfc9111").SecondAsync("Last-Modified: {-3600}", 359));
        Assert.Equal("304", await edges.Row("rfc9111").SecondAsync("Last-Modified: {-3600}", 360));
    }

    [Fact]
    public async Task Rule_13_no_store_of_a_request_counts_in_rfc9111_only() // §5.2.1.5
    {
        Assert.Equal("hit", await edges.Row("safe").SecondAsync("Cache-Control: max-age=60", first: "Cache-Control: no-store"));
        Assert.Equal("fetch", await edges.Row("rfc9111").SecondAsync("Cache-Control: max-age=60", first: "Cache-Control: no-store"));
    }

    [Fact]
    public async Task A_newer_answer_with_no_store_outdates_the_stored_one() // §4.2.4: the older one is not used any more
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Answer(row.Ok("one", "Cache-Control: max-age=60, stale-if-error=600"), row.Ok("two", "Cache-Control: no-store"), Script.CloseAtOnce());
            await row.GetAsync();
            row.Pass(61);
            Assert.Equal("two", (await row.GetAsync()).Text);
            Assert.Equal(502, (await row.GetAsync()).Status);
        }
    }
}
