using DistCache.Proxy.Policies;
using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;
using Microsoft.Extensions.Configuration;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>Rules 15 to 18, 24 to 27 and 31 as switches of a policy: read from configuration, and seen on the wire.</summary>
public sealed class PolicyTests
{
    private static Task<EdgeInProcess> StartAsync(string preset, params string[] settings) => EdgeInProcess.StartAsync(
        preset, more: settings.Select(line => line.Split('=', 2)).ToDictionary(pair => "DistCache:Policies:default:" + pair[0], string? (pair) => pair[1]));

    [Theory]
    [InlineData("rule 15: stored without the field", "safe", "SetCookie=store-without", "Cache-Control: max-age=60|Set-Cookie: a=b", 0, "200 OK", "hit")]
    [InlineData("rule 15: as the response allows", "safe", "SetCookie=as-response-allows", "Cache-Control: max-age=60|Set-Cookie: a=b", 0, "200 OK", "hit")]
    [InlineData("rule 15: refused", "rfc9111", "SetCookie=refuse", "Cache-Control: max-age=60|Set-Cookie: a=b", 0, "200 OK", "fetch")]
    [InlineData("rule 17: heuristics in safe", "safe", "Heuristics=true", "Last-Modified: {-1000}", 99, "200 OK", "hit")]
    [InlineData("rule 17: no heuristics in rfc9111", "rfc9111", "Heuristics=false", "Last-Modified: {-1000}", 0, "200 OK", "304")]
    [InlineData("rule 17: a half", "rfc9111", "HeuristicFraction=0.5", "Last-Modified: {-1000}", 499, "200 OK", "hit")]
    [InlineData("rule 17: a half, over", "rfc9111", "HeuristicFraction=0.5", "Last-Modified: {-1000}", 500, "200 OK", "304")]
    [InlineData("rule 17: at most 10 s", "rfc9111", "HeuristicMaximum=10s", "Last-Modified: {-1000}", 10, "200 OK", "304")]
    [InlineData("rule 16: for validation in safe", "safe", "StoreForValidation=true", "ETag: \"a\"", 0, "200 OK", "304")]
    [InlineData("rule 18: a lifetime for 404", "safe", "Lifetimes:404=30s", "X: 1", 29, "404 Not Found", "hit")]
    [InlineData("rule 18: a lifetime for 404, over", "safe", "Lifetimes:404=30s", "X: 1", 30, "404 Not Found", "fetch")]
    [InlineData("rule 18: the origin's own word counts more", "safe", "Lifetimes:404=30s", "Cache-Control: no-store", 0, "404 Not Found", "fetch")]
    [InlineData("rule 18: never a 500 in safe", "safe", "Lifetimes:500=30s", "X: 1", 0, "500 Oops", "fetch")]
    [InlineData("rule 9: another targeted field", "safe", "TargetedFields=My-Cache-Control", "My-Cache-Control: max-age=60|Cache-Control: no-store", 59, "200 OK", "hit")]
    public async Task A_switch_decides_what_is_stored(string clause, string preset, string setting, string lines, int after, string status, string expected)
    {
        await using var edge = await StartAsync(preset, setting);
        var outcome = await new Row(edge, "/a").SecondAsync(lines, after, status);
        Assert.True(expected == outcome, $"{clause}: {outcome}");
    }

    [Fact]
    public async Task Rule_15_stored_without_the_field_a_cookie_reaches_its_own_client_only()
    {
        await using var edge = await StartAsync("safe", "SetCookie=store-without");
        edge.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: max-age=60", "Set-Cookie: a=b"));
        Assert.Equal("a=b", (await edge.GetAsync("/a")).Field("Set-Cookie"));
        Assert.Null((await edge.GetAsync("/a")).Field("Set-Cookie"));
        Assert.Equal(1, edge.Fetches("/a"));
    }

    [Fact] // it would end the session that its client has
    public async Task Rule_15_a_cookie_that_answers_a_request_sent_without_its_cookies_reaches_nobody()
    {
        await using var edge = await StartAsync("safe", "SetCookie=store-without", "RemoveRequestFields=Cookie");
        edge.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: max-age=60", "Set-Cookie: session=new"));
        Assert.Null((await edge.GetAsync("/a", "Cookie: session=mine")).Field("Set-Cookie"));
    }

    [Theory]
    [InlineData("rule 26", "StaleIfError=20s", "max-age=10", "503", 30, 503)]
    [InlineData("rule 26", "StaleIfError=20s", "max-age=10", "close", 30, 502)]
    [InlineData("rule 27", "StaleIfUnreachable=20s", "max-age=10", "close", 30, 502)]
    [InlineData("rule 24: the policy overrides s-maxage", "IgnoreProxyRevalidate=true", "s-maxage=10, stale-if-error=20", "close", 30, 502)]
    [InlineData("rule 24: and proxy-revalidate", "IgnoreProxyRevalidate=true", "max-age=10, proxy-revalidate, stale-if-error=20", "503", 30, 503)]
    public async Task A_policys_window_up_to_its_last_second(string clause, string setting, string control, string kind, int last, int afterwards)
    {
        foreach (var (after, isStale) in new[] { (10d, true), (last, true), (last + 0.001, false) })
        {
            await using var edge = await StartAsync("safe", setting);
            edge.Origin.On("/a").Answer(
                Answers.Ok("one", "Cache-Control: " + control, edge.Date), kind == "close" ? Script.CloseAtOnce() : Answers.WithLength(kind + " Bad", []));
            await edge.GetAsync("/a");
            edge.Time.Advance(TimeSpan.FromSeconds(after));
            var answer = await edge.GetAsync("/a");
            Assert.True((isStale ? 200 : afterwards) == answer.Status, $"{clause}, {after}: {answer.Status}");
        }
    }

    [Fact]
    public async Task Rule_27_StaleIfUnreachable_is_not_for_errors_that_the_origin_answered()
    {
        await using var edge = await StartAsync("safe", "StaleIfUnreachable=20s");
        edge.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: max-age=10", edge.Date), Answers.WithLength("503 Bad", []));
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(503, (await edge.GetAsync("/a")).Status);
    }

    [Theory]
    [InlineData("must-revalidate")]
    [InlineData("no-cache")]
    [InlineData("s-maxage=10")]
    public async Task Rule_24_a_policys_own_windows_never_override(string directive)
    {
        await using var edge = await StartAsync("safe", "StaleIfError=1d", "StaleIfUnreachable=1d", "StaleWhileRevalidate=1d");
        edge.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: max-age=10, " + directive, edge.Date), Script.CloseAtOnce());
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(504, (await edge.GetAsync("/a")).Status);
    }

    [Fact]
    public async Task Rule_25_a_policys_stale_while_revalidate()
    {
        await using var edge = await StartAsync("safe", "StaleWhileRevalidate=20s");
        edge.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: max-age=10", edge.Date), Answers.Ok("two", "Cache-Control: max-age=10"));
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("one", (await edge.GetAsync("/a")).Text);
        await edge.Origin.Log.WaitForAsync("/a", 2);
    }

    [Fact]
    public async Task Rule_31_Accept_Encoding_is_reduced_to_the_codings_of_the_origin_which_sees_no_more_than_that()
    {
        await using var edge = await StartAsync("safe", "Vary:AcceptEncoding=br, gzip");
        edge.Origin.On("/a").Answer(request => Answers.Ok("for " + request.Field("Accept-Encoding"), "Cache-Control: max-age=60", "Vary: Accept-Encoding"));
        Assert.Equal("for br, gzip", (await edge.GetAsync("/a", "Accept-Encoding: gzip, deflate, br, zstd")).Text);
        Assert.Equal("for br, gzip", (await edge.GetAsync("/a", "Accept-Encoding: br;q=1.0, gzip;q=0.8, *;q=0.1")).Text);
        Assert.Equal("for gzip", (await edge.GetAsync("/a", "Accept-Encoding: gzip, sdch")).Text);
        Assert.Equal("for identity", (await edge.GetAsync("/a", "Accept-Encoding: zstd")).Text);
        Assert.Equal("for ", (await edge.GetAsync("/a")).Text);
        Assert.Equal(4, edge.Fetches("/a"));
    }

    [Fact]
    public async Task Rule_31_the_language_of_the_origin_that_the_client_likes_best()
    {
        await using var edge = await StartAsync("safe", "Vary:AcceptLanguage=select", "Vary:Languages=en, de");
        edge.Origin.On("/a").Answer(request => Answers.Ok("for " + request.Field("Accept-Language"), "Cache-Control: max-age=60", "Vary: Accept-Language"));
        Assert.Equal("for de", (await edge.GetAsync("/a", "Accept-Language: fr, de-CH;q=0.9, en;q=0.1")).Text);
        Assert.Equal("for de", (await edge.GetAsync("/a", "Accept-Language: de")).Text);
        Assert.Equal("for en", (await edge.GetAsync("/a", "Accept-Language: fr")).Text);
        Assert.Equal(2, edge.Fetches("/a"));
    }

    [Theory]
    [InlineData("Lifetimes:404=soon", "Lifetimes:404: 'soon' is no duration")]
    [InlineData("Lifetimes:404=60", "Lifetimes:404: '60' is no duration")]
    [InlineData("Lifetimes:206=1s", "Lifetimes:206: '206' is no status that can be stored")]
    [InlineData("Lifetimes:all=1s", "Lifetimes:all: 'all' is no status that can be stored")]
    [InlineData("StaleIfError=-5s", "StaleIfError: '-5s' is no duration")]
    [InlineData("StaleIfError=366d", "StaleIfError: '366d' is no duration")]
    [InlineData("StaleIfUnreachable=1w", "StaleIfUnreachable: '1w' is no duration")]
    [InlineData("HeuristicFraction=1.1", "HeuristicFraction: '1.1' is no number from 0 to 1")]
    [InlineData("HeuristicFraction=-0.1", "HeuristicFraction: '-0.1' is no number from 0 to 1")]
    [InlineData("HeuristicFraction=NaN", "HeuristicFraction: 'NaN' is no number from 0 to 1")]
    [InlineData("HeuristicMaximum=ever", "HeuristicMaximum: 'ever' is no duration")]
    [InlineData("Heuristics=perhaps", "Heuristics: 'perhaps' is neither true nor false")]
    [InlineData("SetCookie=eat", "SetCookie: 'eat' is none of its values; write refuse, store-without or as-response-allows")]
    [InlineData("Vary:AcceptLanguage=select", "Vary:Languages: AcceptLanguage 'select' needs the languages")]
    [InlineData("Vary:AcceptLanguage=best", "Vary:AcceptLanguage: 'best' is none of its values")]
    [InlineData("Vary:AcceptEncoding=br gzip", "Vary:AcceptEncoding: 'br gzip' is not a list of content codings")]
    [InlineData("Vary:UserAgent=x", "Vary:UserAgent: unknown key; Vary has AcceptEncoding")]
    [InlineData("Stale=x", "Stale: unknown key; a policy has Preset")]
    [InlineData("Preset=bold", "Preset: 'bold' is not a preset; write safe or rfc9111.")]
    public void A_wrong_value_is_told_by_its_key_with_the_remedy(string setting, string error)
    {
        var pair = setting.Split('=', 2);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("DistCache:Policies:p:" + pair[0], pair[1])]).Build();
        var errors = new List<string>();
        PolicyCatalog.Read(configuration, errors);
        Assert.StartsWith("DistCache:Policies:p:" + error, Assert.Single(errors));
    }

    [Theory]
    [InlineData("0s", 0)]
    [InlineData("500ms", 0.5)]
    [InlineData("30s", 30)]
    [InlineData("5m", 300)]
    [InlineData("2h", 7200)]
    [InlineData("1d", 86400)]
    [InlineData("00:05:00", 300)]
    public void A_duration_is_written_in_one_of_two_ways(string text, double seconds)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("DistCache:Policies:p:StaleIfError", text)]).Build();
        var errors = new List<string>();
        Assert.Equal(TimeSpan.FromSeconds(seconds), PolicyCatalog.Read(configuration, errors).Find("p")!.Caching.StaleIfError);
        Assert.Empty(errors);
    }
}
