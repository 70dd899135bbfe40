using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>Rules 34 to 39: validation with the origin (RFC 9111 §4.3).</summary>
public sealed class ValidationTests(RuleEdges edges) : IClassFixture<RuleEdges>
{
    private const string Modified = "Fri, 01 Jan 2021 00:00:00 GMT";

    [Theory]
    [InlineData("strong", "\"abc\"")]
    [InlineData("weak", "W/\"abc\"")]
    [InlineData("obs-text", "\"abc\u00e9\"")]
    [InlineData("a comma inside", "\"a,b\"")]
    [InlineData("empty", "\"\"")]
    public async Task Rule_34_a_stale_response_is_validated_by_its_ETag(string clause, string tag) // RFC 9111 §4.3.1
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Stored("Cache-Control: max-age=10|ETag: " + tag);
            await row.GetAsync();
            row.Pass(11);
            Assert.Equal("304", await row.OutcomeAsync());
            Assert.True(tag == row.Asked[1].Field("If-None-Match"), clause);
        }
    }

    [Fact]
    public async Task Rule_34_and_by_its_Last_Modified_byte_for_byte()
    {
        foreach (var date in (string[])[Modified, "Friday, 01-Jan-21 00:00:00 GMT", "Fri Jan  1 00:00:00 2021"])
        {
            var row = edges.Row("safe");
            row.Stored("Cache-Control: max-age=10|Last-Modified: " + date);
            await row.GetAsync();
            row.Pass(11);
            Assert.Equal("304", await row.OutcomeAsync());
            Assert.Equal(date, row.Asked[1].Field("If-Modified-Since"));
            Assert.Null(row.Asked[1].Field("If-None-Match"));
        }
    }

    [Fact]
    public async Task Rule_34_the_conditions_are_ours_and_not_the_clients()
    {
        var row = edges.Row("safe");
        row.Stored("Cache-Control: max-age=10|ETag: \"a\"");
        await row.GetAsync();
        row.Pass(11);
        var answer = await row.GetAsync("If-None-Match: \"b\"|If-Modified-Since: " + Modified);
        Assert.Equal(200, answer.Status);
        Assert.Equal("\"a\"", row.Asked[1].Field("If-None-Match"));
        Assert.Null(row.Asked[1].Field("If-Modified-Since"));
        Assert.Equal(304, (await row.GetAsync("If-None-Match: \"a\"")).Status);
    }

    [Fact]
    public async Task Rule_34_the_ETags_of_all_variants_are_offered_and_a_304_selects_one() // RFC 9111 §4.3.1, §4.3.4
    {
        var row = edges.Row("safe");
        row.Edge.Origin.On(row.Target).Answer(request => request.Field("Foo") switch
        {
            "1" => row.Ok("one", "Cache-Control: max-age=60|Vary: Foo|ETag: \"1\""),
            "2" => row.Ok("two", "Cache-Control: max-age=60|Vary: Foo|ETag: \"2\""),
            _ => row.Then304("ETag: \"1\"|Vary: Foo|Cache-Control: max-age=60"),
        });
        await row.GetAsync("Foo: 1");
        row.Pass(1);
        await row.GetAsync("Foo: 2");
        Assert.Equal("one", (await row.GetAsync("Foo: 3")).Text);
        Assert.Equal(["\"1\"", "\"2\""], row.Asked[2].Field("If-None-Match")!.Split(", ").Order());
        Assert.Equal("hit", await row.OutcomeAsync("Foo: 3"));
    }

    [Fact]
    public async Task Rule_35_conditions_go_on_unchanged_when_nothing_is_stored() // RFC 9111 §4.3.2
    {
        foreach (var preset in RuleEdges.Presets)
            foreach (var line in (string[])["If-None-Match: \"a\"", "If-None-Match: abc", "If-None-Match: \"a\u00e9\", W/\"b\"", "If-None-Match: *", "If-Modified-Since: " + Modified])
            {
                var row = edges.Row(preset);
                row.Answer(row.Then304("Cache-Control: max-age=60|ETag: \"a\"|X-A: 1"), row.Ok("one", "Cache-Control: max-age=60"));
                var answer = await row.GetAsync(line);
                Assert.Equal((304, "1"), (answer.Status, answer.Field("X-A")));
                Assert.Contains(line, row.Asked[0].Text);
                Assert.Equal("one", (await row.GetAsync()).Text);
            }
    }

    [Fact]
    public async Task Rule_35_a_200_to_conditions_with_nothing_stored_is_stored()
    {
        var row = edges.Row("safe");
        row.Stored("Cache-Control: max-age=60|ETag: \"a\"");
        Assert.Equal(200, (await row.GetAsync("If-None-Match: \"b\"")).Status);
        Assert.Equal("hit", await row.OutcomeAsync());
    }

    [Theory]
    [InlineData("Test-Header", "a", "b", "b", "b")]
    [InlineData("X-Test-Header", "a", "b", "b", "b")]
    [InlineData("Content-Foo", "a", "b", "b", "b")]
    [InlineData("X-Content-Foo", "a", "b", "b", "b")]
    [InlineData("Content-Location", "/a", "/b", "/b", "/b")]
    [InlineData("Content-MD5", "a", "b", "b", "b")]
    [InlineData("Content-Security-Policy", "default-src 'self'", "default-src 'none'", "default-src 'none'", "default-src 'none'")]
    [InlineData("Clear-Site-Data", "cache", "cookies", "cookies", "cookies")]
    [InlineData("Public-Key-Pins", "a", "b", "b", "b")]
    [InlineData("X-Frame-Options", "deny", "sameorigin", "sameorigin", "sameorigin")]
    [InlineData("X-XSS-Protection", "1", "0", "0", "0")]
    [InlineData("Expires", "Fri, 01 Jan 2038 00:00:00 GMT", "Sat, 02 Jan 2038 00:00:00 GMT", "Sat, 02 Jan 2038 00:00:00 GMT", "Sat, 02 Jan 2038 00:00:00 GMT")]
    [InlineData("Content-Type", "text/plain", "text/plain;charset=utf-8", "text/plain", "text/plain;charset=utf-8")]
    [InlineData("Content-Encoding", "a", "b", "a", "a")]
    [InlineData("Content-Range", "a", "b", "a", "a")]
    public async Task Rule_36_a_304_updates_the_stored_fields(string name, string stored, string came, string safe, string rfc9111) // RFC 9111 §3.2
    {
        foreach (var (preset, expected) in new[] { ("safe", safe), ("rfc9111", rfc9111) })
            foreach (var validator in (string[])["ETag: \"a\"", "Last-Modified: " + Modified])
            {
                var row = edges.Row(preset);
                row.Answer(row.Ok("one", $"Cache-Control: max-age=10|{validator}|{name}: {stored}"), row.Then304($"Cache-Control: max-age=60|{validator}|{name}: {came}"));
                await row.GetAsync();
                row.Pass(11);
                foreach (var answer in (RawAnswer[])[await row.GetAsync(), await row.GetAsync()])
                    Assert.Equal((200, "one", expected), (answer.Status, answer.Text, answer.Field(name)));
                Assert.Equal(2, row.Asked.Count);
            }
    }

    [Fact]
    public async Task Rule_36_what_the_304_omits_stays_and_freshness_is_computed_anew() // RFC 9111 §3.2, §4.3.4
    {
        var row = edges.Row("safe");
        row.Answer(
            row.Ok("one", "Cache-Control: max-age=10|ETag: \"a\"|X-Kept: 1|X-Two: a|X-Two: b|Content-Type: text/plain"),
            row.Then304("Cache-Control: max-age=60|ETag: \"a\"|X-Two: c|Content-Length: 10|Date: {11}"));
        await row.GetAsync();
        row.Pass(11);
        foreach (var answer in (RawAnswer[])[await row.GetAsync(), await row.GetAsync()])
        {
            Assert.Equal(("one", "3", "1", "c"), (answer.Text, answer.Field("Content-Length"), answer.Field("X-Kept"), answer.Field("X-Two")));
            Assert.Equal(("max-age=60", "text/plain"), (answer.Field("Cache-Control"), answer.Field("Content-Type")));
        }
        row.Pass(59);
        Assert.Equal("hit", await row.OutcomeAsync());
    }

    [Fact]
    public async Task Rule_36_a_304_without_a_new_lifetime_starts_the_stored_one_again() // RFC 9111 §4.3.4
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Stored("Cache-Control: max-age=10|ETag: \"a\"");
            await row.GetAsync();
            row.Pass(11);
            Assert.Equal("304", await row.OutcomeAsync());
            row.Pass(9);
            Assert.Equal("hit", await row.OutcomeAsync());
            row.Pass(1);
            Assert.Equal("304", await row.OutcomeAsync());
        }
    }

    [Fact]
    public async Task Rule_36_a_304_may_forbid_to_keep_it() // RFC 9111 §3.2: no-store of the 304 counts
    {
        var row = edges.Row("safe");
        row.Answer(row.Ok("one", "Cache-Control: max-age=10|ETag: \"a\""), row.Then304("Cache-Control: no-store|ETag: \"a\""), row.Ok("two", "Cache-Control: no-store"));
        await row.GetAsync();
        row.Pass(11);
        Assert.Equal("one", (await row.GetAsync()).Text);
        Assert.Equal("two", (await row.GetAsync()).Text);
        Assert.Null(row.Asked[2].Field("If-None-Match"));
    }

    [Theory]
    [InlineData("a strong tag matches", "\"a\"", "\"a\"", 2)]
    [InlineData("weakly equal", "W/\"a\"", "W/\"a\"", 2)]
    [InlineData("a weak tag confirms a strong one", "\"a\"", "W/\"a\"", 2)]
    [InlineData("another tag", "\"a\"", "\"b\"", 3)]
    [InlineData("a strong tag does not confirm a weak one", "W/\"a\"", "\"a\"", 3)]
    public async Task Rule_36_and_37_a_304_selects_by_its_validator(string clause, string stored, string came, int asked) // RFC 9111 §4.3.4
    {
        var row = edges.Row("safe");
        row.Answer(row.Ok("one", "Cache-Control: max-age=10|ETag: " + stored), row.Then304("ETag: " + came), row.Ok("two", "Cache-Control: max-age=60"));
        await row.GetAsync();
        row.Pass(11);
        Assert.True((asked == 2 ? "one" : "two") == (await row.GetAsync()).Text, clause);
        Assert.Equal(asked, row.Asked.Count);
        if (asked == 3)
            Assert.Null(row.Asked[2].Field("If-None-Match"));
    }

    [Fact]
    public async Task Rule_36_a_304_never_puts_a_cookie_into_everybodys_answer() // our deviation from RFC 9111 §3.2
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Answer(row.Ok("one", "Cache-Control: max-age=10|ETag: \"a\""), row.Then304("ETag: \"a\"|Set-Cookie: a=b|NoDate"));
            await row.GetAsync();
            row.Pass(11);
            Assert.Equal("a=b", (await row.GetAsync()).Field("Set-Cookie")); // it came for this one
            Assert.Null((await row.GetAsync()).Field("Set-Cookie"));
            Assert.Equal(2, row.Asked.Count); // that one was a hit
        }
    }

    [Theory]
    [InlineData("a 304 that says it again", "GET", "ETag: \"a\"|Surrogate-Control: max-age=60|Cache-Control: max-age=86400", "304")]
    [InlineData("a 304 that says nothing of it", "GET", "ETag: \"a\"", "304")]
    [InlineData("a 304 that says more", "GET", "ETag: \"a\"|Surrogate-Control: max-age=600", "hit")]
    [InlineData("HEAD", "HEAD", "ETag: \"a\"|Surrogate-Control: max-age=60|Cache-Control: max-age=86400", "304")]
    public async Task Rule_9_and_36_Surrogate_Control_decides_after_a_confirmation_as_before(string clause, string method, string confirming, string expected)
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Edge.Origin.On(row.Target).Answer(request => request.Method == "HEAD" ? Answers.Head("200 OK", row.Lines(confirming))
                : request.Field("If-None-Match") is not null ? row.Then304(confirming)
                : row.Ok("one", "Cache-Control: max-age=86400|Surrogate-Control: max-age=60|ETag: \"a\""));
            await row.GetAsync();
            row.Pass(61);
            Assert.Null((await row.RequestAsync(method)).Field("Surrogate-Control"));
            Assert.Equal("hit", await row.OutcomeAsync());
            row.Pass(61);
            Assert.True(expected == await row.OutcomeAsync(), preset + ": " + clause);
        }
    }

    [Fact]
    public async Task Rule_36_a_304_may_forbid_storing_by_Surrogate_Control()
    {
        var row = edges.Row("safe");
        row.Answer(row.Ok("one", "Cache-Control: max-age=60|Surrogate-Control: max-age=60|ETag: \"a\""), row.Then304("ETag: \"a\"|Surrogate-Control: no-store|NoDate"), row.Ok("two", "Cache-Control: no-store"));
        await row.GetAsync();
        row.Pass(61);
        await row.GetAsync();
        Assert.Equal("two", (await row.GetAsync()).Text);
    }

    [Fact]
    public async Task Rule_36_a_cookie_that_comes_with_a_304_reaches_a_client_that_asked_for_one_too()
    {
        var row = edges.Row("safe");
        row.Answer(row.Ok("one", "Cache-Control: max-age=10|ETag: \"a\""), row.Then304("ETag: \"a\"|Set-Cookie: a=b|NoDate"));
        await row.GetAsync();
        row.Pass(11);
        var answer = await row.GetAsync("If-None-Match: \"a\"");
        Assert.Equal((304, "a=b"), (answer.Status, answer.Field("Set-Cookie")));
        Assert.Null((await row.GetAsync("If-None-Match: \"a\"")).Field("Set-Cookie"));
    }

    [Fact]
    public async Task Rule_36_what_a_304_makes_vary_on_less_stands_behind_nothing_stale()
    {
        var row = edges.Row("safe");
        row.Answer(row.Ok("one", "Cache-Control: max-age=10|ETag: \"a\"|Access-Control-Allow-Origin: https://a"), row.Then304("ETag: \"a\"|Access-Control-Allow-Origin: *|Cache-Control: max-age=600|NoDate"));
        await row.GetAsync("Origin: https://a");
        row.Pass(11);
        Assert.Equal("304", await row.OutcomeAsync("Origin: https://a"));
        Assert.Equal("hit", await row.OutcomeAsync("Origin: https://a"));
    }

    [Fact]
    public async Task Rule_39_what_a_variant_comes_beside_stays()
    {
        var row = edges.Row("safe");
        row.Edge.Origin.On(row.Target).Answer(request => row.Ok("one", "Cache-Control: max-age=10, stale-while-revalidate=600" + (request.Field("Foo") is null ? "" : "|Vary: Foo")));
        await row.GetAsync();
        row.Pass(11);
        Assert.Equal("one", (await row.GetAsync("Foo: 2")).Text); // the default, stale; its validation brings a variant
        await Eventually.TrueAsync(() => Task.FromResult(row.Asked.Count == 2));
        await Eventually.TrueAsync(async () => (await row.GetAsync("Foo: 2")).Field("Cache-Status")!.EndsWith("ttl=10", StringComparison.Ordinal));
        Assert.Contains("detail=stale-while-revalidate", (await row.GetAsync()).Field("Cache-Status"));
    }

    [Fact]
    public async Task Rule_39_a_200_under_another_Vary_replaces_too()
    {
        var row = edges.Row("safe");
        row.Answer(row.Ok("one", "Cache-Control: max-age=10|Vary: Foo"), row.Ok("two", "Cache-Control: max-age=60"));
        await row.GetAsync("Foo: 1");
        row.Pass(11);
        await row.GetAsync("Foo: 1");
        Assert.Equal("two", (await row.GetAsync("Foo: 1")).Text);
        Assert.Equal(2, row.Asked.Count);
    }

    [Fact]
    public async Task Rule_39_a_200_on_validation_replaces()
    {
        var row = edges.Row("safe");
        row.Answer(row.Ok("one", "Cache-Control: max-age=10|ETag: \"a\"|X-Old: 1"), row.Ok("two", "Cache-Control: max-age=60|ETag: \"b\""));
        await row.GetAsync();
        row.Pass(11);
        Assert.Equal("two", (await row.GetAsync()).Text);
        var hit = await row.GetAsync();
        Assert.Equal(("two", "\"b\""), (hit.Text, hit.Field("ETag")));
        Assert.Null(hit.Field("X-Old"));
        Assert.Equal(2, row.Asked.Count);
    }
}
