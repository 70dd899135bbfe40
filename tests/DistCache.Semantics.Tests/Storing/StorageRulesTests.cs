using DistCache.Semantics.Fields;
using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Tests.Storing;

/// <summary>RFC 9111 §3, rules 10-18. Each row: clause, request, response, answer in safe, answer in rfc9111 (the same when left out).</summary>
public class StorageRulesTests
{
    private const string Target = "http://a.example/x?y=1";

    private static string Decide(CachingOptions options, int status, string lines, string method = "GET", string? cacheControl = null, bool authorization = false) =>
        StorageRules.Decide(Make.Request(cacheControl, method, authorization), Make.Response(status, options, Make.Lines(Dates(lines))), Target, options).Reason();

    // Rows cannot compute: LM is an hour before Date, FUTURE an hour behind it.
    private static string Dates(string lines) => lines
        .Replace("LM", $"Last-Modified: {Make.Date(-3600)}|Date: {Make.Date()}")
        .Replace("FUTURE", Make.Date(3600))
        .Replace("PAST", Make.Date(-3600));

    [Theory]
    [InlineData("rule 10: GET", "GET", "store")]
    [InlineData("rule 10: HEAD freshens only", "HEAD", "method")]
    [InlineData("§3: PUT", "PUT", "method")]
    [InlineData("§3: DELETE", "DELETE", "method")]
    [InlineData("§3: OPTIONS", "OPTIONS", "method")]
    [InlineData("§3: unknown", "FOO", "method")]
    [InlineData("9110 §9.1: methods are case-sensitive", "get", "method")]
    public void Method(string clause, string method, string expected)
    {
        Assert.True(expected == Decide(Make.Safe, 200, "Cache-Control: max-age=60", method), clause);
        Assert.True(expected == Decide(Make.Rfc9111, 200, "Cache-Control: max-age=60", method), clause);
    }

    [Theory]
    [InlineData("9110 §9.3.3: Content-Location is the target", "Cache-Control: max-age=60|Content-Location: http://a.example/x?y=1", "store")]
    [InlineData("9110 §9.3.3: relative", "Cache-Control: max-age=60|Content-Location: /x?y=1", "store")]
    [InlineData("9110 §9.3.3: relative to the path", "Cache-Control: max-age=60|Content-Location: x?y=1", "store")]
    [InlineData("9110 §4.2.3: default port", "Cache-Control: max-age=60|Content-Location: http://A.example:80/x?y=1", "store")]
    [InlineData("9110 §9.3.3: another URI", "Cache-Control: max-age=60|Content-Location: /z", "content-location")]
    [InlineData("9110 §9.3.3: another query", "Cache-Control: max-age=60|Content-Location: /x", "content-location")]
    [InlineData("9110 §9.3.3: another origin", "Cache-Control: max-age=60|Content-Location: http://b.example/x?y=1", "content-location")]
    [InlineData("9110 §9.3.3: none", "Cache-Control: max-age=60", "content-location")]
    [InlineData("9110 §9.3.3: two", "Cache-Control: max-age=60|Content-Location: /x?y=1|Content-Location: /x?y=1", "content-location")]
    [InlineData("9110 §9.3.3: no explicit freshness", "LM|Content-Location: /x?y=1", "no-freshness")]
    [InlineData("9110 §9.3.3: no-store", "Cache-Control: no-store, max-age=60|Content-Location: /x?y=1", "no-store")]
    public void Post(string clause, string lines, string expected)
    {
        Assert.True(expected == Decide(Make.Safe, 200, lines, "POST"), clause);
        Assert.True(expected == Decide(Make.Rfc9111, 200, lines, "POST"), clause);
    }

    [Theory]
    [InlineData("rule 11", 200, "store")]
    [InlineData("rule 11: redirects", 302, "store")]
    [InlineData("rule 11: 307", 307, "store")]
    [InlineData("rule 11: client errors", 403, "store")]
    [InlineData("rule 11: explicit freshness stores a 400", 400, "store")]
    [InlineData("rule 11: server errors", 503, "store")]
    [InlineData("rule 11: unknown 2xx", 299, "store")]
    [InlineData("rule 11: unknown 4xx", 499, "store")]
    [InlineData("rule 11: unknown 5xx", 599, "store")]
    [InlineData("rule 11: 204", 204, "store")]
    [InlineData("rule 11: 304 never as such", 304, "status")]
    [InlineData("rule 13: 101", 101, "status")]
    [InlineData("§3: not final", 103, "status")]
    [InlineData("9110 §15: no such class", 600, "status")]
    [InlineData("9110 §15: no such class", 999, "status")]
    [InlineData("rule 44: 206 has rules of its own", 206, "partial")]
    public void Status_with_explicit_freshness(string clause, int status, string expected)
    {
        Assert.True(expected == Decide(Make.Safe, status, "Cache-Control: max-age=60"), clause);
        Assert.True(expected == Decide(Make.Rfc9111, status, "Cache-Control: max-age=60"), clause);
    }

    [Theory]
    [InlineData("§5.2.2.3: understood: no-store is overridden", 200, "Cache-Control: must-understand, no-store, max-age=60", "store")]
    [InlineData("§5.2.2.3: not understood", 299, "Cache-Control: must-understand, no-store, max-age=60", "must-understand")]
    [InlineData("§5.2.2.3: not understood, without no-store", 599, "Cache-Control: must-understand, max-age=60", "must-understand")]
    [InlineData("§5.2.2.3: understood, without no-store", 404, "Cache-Control: must-understand, max-age=60", "store")]
    [InlineData("§5.2.2.3: private stays", 200, "Cache-Control: must-understand, no-store, private, max-age=60", "private")]
    public void Must_understand(string clause, int status, string lines, string expected)
    {
        Assert.True(expected == Decide(Make.Safe, status, lines), clause);
        Assert.True(expected == Decide(Make.Rfc9111, status, lines), clause);
    }

    [Theory]
    [InlineData("§5.2.2.5: no-store", "Cache-Control: no-store, max-age=60|Expires: FUTURE", "no-store")]
    [InlineData("§5.2.2.7: private", "Cache-Control: private, max-age=60", "private")]
    [InlineData("rule 19: qualified private", "Cache-Control: private=\"a\", max-age=60", "store")]
    [InlineData("rule 19: qualified no-cache", "Cache-Control: no-cache=\"a\", max-age=60", "store")]
    [InlineData("rule 22: no-cache is stored", "Cache-Control: no-cache, max-age=60", "store")]
    [InlineData("rule 13: Vary: *", "Cache-Control: max-age=60|Vary: Foo, *", "vary-star")]
    [InlineData("§4.1: Vary", "Cache-Control: max-age=60|Vary: Foo", "store")]
    [InlineData("rule 9: targeted no-store", "Cache-Control: max-age=60|CDN-Cache-Control: no-store", "no-store")]
    [InlineData("rule 9: targeted private", "Cache-Control: max-age=60|CDN-Cache-Control: private", "private")]
    [InlineData("rule 9: targeted over no-store", "Cache-Control: no-store|CDN-Cache-Control: max-age=60", "store")]
    [InlineData("rule 9: Surrogate-Control: no-store", "Cache-Control: max-age=60|Surrogate-Control: no-store", "no-store")]
    public void Directives(string clause, string lines, string expected)
    {
        Assert.True(expected == Decide(Make.Safe, 200, lines), clause);
        Assert.True(expected == Decide(Make.Rfc9111, 200, lines), clause);
    }

    [Theory]
    [InlineData("§5.2.1.5: request no-store", "no-store", "store", "request-no-store")]
    [InlineData("§5.2.1.4: request no-cache does not forbid storing", "no-cache", "store", "store")]
    public void Request_directives(string clause, string cacheControl, string safe, string rfc9111)
    {
        Assert.True(safe == Decide(Make.Safe, 200, "Cache-Control: max-age=60", cacheControl: cacheControl), clause);
        Assert.True(rfc9111 == Decide(Make.Rfc9111, 200, "Cache-Control: max-age=60", cacheControl: cacheControl), clause);
    }

    [Theory]
    [InlineData("§3.5: nothing permits", "Cache-Control: max-age=60", "authorization")]
    [InlineData("§3.5: public", "Cache-Control: max-age=60, public", "store")]
    [InlineData("§3.5: s-maxage", "Cache-Control: s-maxage=60", "store")]
    [InlineData("§3.5: must-revalidate", "Cache-Control: max-age=60, must-revalidate", "store")]
    [InlineData("§3.5: proxy-revalidate is not named there", "Cache-Control: max-age=60, proxy-revalidate", "authorization")]
    [InlineData("§3.5: no-cache is not named there", "Cache-Control: max-age=60, no-cache", "authorization")]
    [InlineData("an invalid s-maxage permits nothing", "Cache-Control: s-maxage=x", "authorization")]
    [InlineData("an invalid s-maxage beside a valid one permits nothing", "Cache-Control: s-maxage=60, s-maxage=x", "authorization")]
    [InlineData("Expires permits nothing", "Expires: FUTURE", "authorization")]
    [InlineData("rule 9: a targeted public", "CDN-Cache-Control: max-age=60, public|Cache-Control: max-age=60", "store")]
    [InlineData("rule 9: public beside a targeted field is ignored", "CDN-Cache-Control: max-age=60|Cache-Control: public", "authorization")]
    public void Authorization(string clause, string lines, string expected)
    {
        Assert.True(expected == Decide(Make.Safe, 200, lines, authorization: true), clause);
        Assert.True(expected == Decide(Make.Rfc9111, 200, lines, authorization: true), clause);
    }

    [Theory]
    [InlineData("rule 15: safe", "safe", null, "set-cookie")]
    [InlineData("rule 15: rfc9111", "rfc9111", null, "store")]
    [InlineData("rule 15: option", "safe", SetCookieHandling.StoreWithout, "store")]
    [InlineData("rule 15: option", "rfc9111", SetCookieHandling.Refuse, "set-cookie")]
    public void Set_Cookie(string clause, string preset, SetCookieHandling? handling, string expected)
    {
        var options = Make.Options(preset);
        options = options with { SetCookie = handling ?? options.SetCookie };
        Assert.True(expected == Decide(options, 200, "Cache-Control: max-age=60|set-cookie: a=b"), clause);
    }

    [Theory]
    [InlineData("safe")]
    [InlineData("rfc9111")]
    public void Rule_13_a_close_delimited_body_is_not_stored(string preset)
    {
        var response = Make.Response("Cache-Control: max-age=60") with { Framing = BodyFraming.CloseDelimited };
        Assert.Equal(StorageDecision.CloseDelimited, StorageRules.Decide(Make.Request(), response, Target, Make.Options(preset)));
    }

    [Theory]
    [InlineData("rule 16: s-maxage", "Cache-Control: s-maxage=60", "store", "store")]
    [InlineData("rule 16: max-age", "Cache-Control: max-age=60", "store", "store")]
    [InlineData("rule 16: Expires", "Expires: FUTURE", "store", "store")]
    [InlineData("rule 16: targeted", "CDN-Cache-Control: max-age=60", "store", "store")]
    [InlineData("rule 16: Surrogate-Control", "Surrogate-Control: max-age=60", "store", "store")]
    [InlineData("rule 16: nothing at all", "", "no-freshness", "no-freshness")]
    [InlineData("rule 16: an ETag only", "ETag: \"a\"", "no-freshness", "store-for-validation")]
    [InlineData("rule 22: no-cache with an ETag", "Cache-Control: no-cache|ETag: \"a\"", "store-for-validation", "store-for-validation")]
    [InlineData("rule 17: Last-Modified only", "LM", "no-freshness", "store")]
    [InlineData("rule 16: an unquoted ETag is none", "ETag: a", "no-freshness", "no-freshness")]
    [InlineData("rule 16: public is no freshness", "Cache-Control: public", "no-freshness", "no-freshness")]
    [InlineData("rule 16: stale from birth with a validator", "Cache-Control: max-age=0|ETag: \"a\"", "store", "store")]
    [InlineData("rule 2: invalid lifetime with a validator", "Cache-Control: max-age=x|ETag: \"a\"", "store", "store")]
    [InlineData("§5.3: Expires in the past with a validator", "Expires: 0|ETag: \"a\"", "store", "store")]
    [InlineData("§5.3: an Expires before the Date, nothing to validate by", "Expires: PAST", "no-freshness", "store")]
    [InlineData("stale from birth, nothing to validate by", "Cache-Control: max-age=0", "no-freshness", "store")]
    [InlineData("stale from birth, but the origin lets it be served stale", "Cache-Control: max-age=0, stale-while-revalidate=60", "store", "store")]
    public void Freshness(string clause, string lines, string safe, string rfc9111)
    {
        Assert.True(safe == Decide(Make.Safe, 200, lines), clause);
        Assert.True(rfc9111 == Decide(Make.Rfc9111, 200, lines), clause);
    }

    [Theory]
    [InlineData(200, "store")]
    [InlineData(203, "store")]
    [InlineData(204, "store")]
    [InlineData(300, "store")]
    [InlineData(301, "store")]
    [InlineData(308, "store")]
    [InlineData(404, "store")]
    [InlineData(405, "store")]
    [InlineData(410, "store")]
    [InlineData(414, "store")]
    [InlineData(501, "store")]
    [InlineData(201, "no-freshness")]
    [InlineData(202, "no-freshness")]
    [InlineData(302, "no-freshness")]
    [InlineData(303, "no-freshness")]
    [InlineData(307, "no-freshness")]
    [InlineData(400, "no-freshness")]
    [InlineData(403, "no-freshness")]
    [InlineData(500, "no-freshness")]
    [InlineData(502, "no-freshness")]
    [InlineData(503, "no-freshness")]
    [InlineData(504, "no-freshness")]
    [InlineData(599, "no-freshness")]
    public void Rule_17_heuristics_are_for_the_statuses_of_9110_section_15_1(int status, string expected)
    {
        Assert.Equal(expected, Decide(Make.Rfc9111, status, "LM"));
        Assert.Equal("no-freshness", Decide(Make.Safe, status, "LM"));
        // §4.2.2: and for any status marked public
        Assert.Equal("store", Decide(Make.Rfc9111, status, "LM|Cache-Control: public"));
    }

    [Theory]
    [InlineData("§3: a status that is not heuristically cacheable", 302, "ETag: \"a\"", "no-freshness")]
    [InlineData("§3: with public", 302, "ETag: \"a\"|Cache-Control: public", "store-for-validation")]
    [InlineData("§3: heuristically cacheable", 404, "ETag: \"a\"", "store-for-validation")]
    public void Storing_for_validation_keeps_to_section_3(string clause, int status, string lines, string expected) =>
        Assert.True(expected == Decide(Make.Rfc9111, status, lines), clause);

    [Theory]
    [InlineData(400)]
    [InlineData(405)]
    [InlineData(413)]
    [InlineData(414)]
    [InlineData(417)]
    [InlineData(431)]
    [InlineData(500)]
    [InlineData(501)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(599)]
    public void Rule_18_in_safe_only_explicit_freshness_stores_what_an_attacker_can_bring_about(int status)
    {
        var lifetimes = new Dictionary<int, TimeSpan> { [status] = Make.Seconds(10) };
        var safe = Make.Safe with { LifetimePerStatus = lifetimes, Heuristics = true, StoreForValidation = true };
        Assert.Equal("no-freshness", Decide(safe, status, "LM|ETag: \"a\"|Cache-Control: public"));
        Assert.Equal("store", Decide(safe, status, "Cache-Control: max-age=60"));
        Assert.Equal("store", Decide(Make.Rfc9111 with { LifetimePerStatus = lifetimes }, status, ""));
    }

    [Fact]
    public void Rule_18_negative_caching_is_by_policy()
    {
        Assert.Equal("no-freshness", Decide(Make.Safe, 404, ""));
        Assert.Equal("store", Decide(Make.Safe with { LifetimePerStatus = new Dictionary<int, TimeSpan> { [404] = Make.Seconds(10) } }, 404, ""));
    }
}
