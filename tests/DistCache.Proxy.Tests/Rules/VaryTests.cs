using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>Rules 8 and 30 to 32: which stored response answers (RFC 9111 §4, §4.1).</summary>
public sealed class VaryTests(RuleEdges edges) : IClassFixture<RuleEdges>
{
    [Theory]
    [InlineData("match", "Foo", "Foo: 1", "Foo: 1", "hit")]
    [InlineData("no match", "Foo", "Foo: 1", "Foo: 2", "fetch")]
    [InlineData("absent in the second", "Foo", "Foo: 1", "", "fetch")]
    [InlineData("absent in the first", "Foo", "", "Foo: 1", "fetch")]
    [InlineData("absent in both", "Foo", "", "", "hit")]
    [InlineData("empty is not absent", "Foo", "Foo:", "", "fetch")]
    [InlineData("two names", "Foo, Bar", "Foo: 1|Bar: a", "Foo: 1|Bar: a", "hit")]
    [InlineData("two names, one differs", "Foo, Bar", "Foo: 1|Bar: a", "Foo: 1|Bar: b", "fetch")]
    [InlineData("two names, one absent in both", "Foo, Bar", "Foo: 1", "Foo: 1", "hit")]
    [InlineData("three names", "Foo, Bar, Baz", "Foo: 1|Bar: a|Baz: x", "Foo: 1|Bar: a|Baz: x", "hit")]
    [InlineData("three names, other order of the request", "Foo, Bar, Baz", "Foo: 1|Bar: a|Baz: x", "Baz: x|Bar: a|Foo: 1", "hit")]
    [InlineData("three names, one differs", "Foo, Bar, Baz", "Foo: 1|Bar: a|Baz: x", "Foo: 1|Bar: b|Baz: x", "fetch")]
    [InlineData("three names, one missing", "Foo, Bar, Baz", "Foo: 1|Bar: a|Baz: x", "Foo: 1|Baz: x", "fetch")]
    [InlineData("rule 8: two lines are one list", "Foo|Vary: Bar", "Foo: 1|Bar: a", "Foo: 1|Bar: b", "fetch")]
    [InlineData("rule 8: names are case-insensitive", "fOO", "Foo: 1", "foo: 1", "hit")]
    [InlineData("rule 8: odd commas", ", Foo ,, ", "Foo: 1", "Foo: 1", "hit")]
    [InlineData("rule 8: odd commas, no match", ", Foo ,, ", "Foo: 1", "Foo: 2", "fetch")]
    [InlineData("rule 8: an empty Vary names nothing", "", "Foo: 1", "Foo: 2", "hit")]
    [InlineData("rule 8: star", "*", "", "", "fetch")]
    [InlineData("rule 8: two stars", "*, *", "", "", "fetch")]
    [InlineData("rule 8: star before a name", "*, Foo", "Foo: 1", "Foo: 1", "fetch")]
    [InlineData("rule 8: star behind a name", "Foo, *", "Foo: 1", "Foo: 1", "fetch")]
    [InlineData("rule 8: star behind nothing", ", *", "", "", "fetch")]
    [InlineData("rule 8: star on a second line", "|Vary: *", "", "", "fetch")]
    [InlineData("rule 30, §4.1: lines are combined", "Foo", "Foo: 1, 2", "Foo: 1|Foo: 2", "hit")]
    [InlineData("rule 30: their order counts", "Foo", "Foo: 1, 2", "Foo: 2|Foo: 1", "fetch")]
    [InlineData("rule 30: white space", "Foo", "Foo: 1,2", "Foo: 1,   2", "hit")]
    [InlineData("rule 30: white space before the comma", "Foo", "Foo: 1, 2", "Foo: 1 ,2", "hit")]
    [InlineData("rule 30: white space in a quoted string counts", "Foo", "Foo: \"a b\"", "Foo: \"a  b\"", "fetch")]
    [InlineData("rule 30: Accept-Language, white space", "Accept-Language", "Accept-Language: en, de", "Accept-Language: en ,   de", "hit")]
    public async Task Rule_30_nominated_fields(string clause, string vary, string first, string second, string expected)
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var outcome = await edges.Row(preset).SecondAsync("Cache-Control: max-age=60|Vary: " + vary, first: first, second: second);
            Assert.True(expected == outcome, $"{preset}: {clause}: {outcome}");
        }
    }

    [Fact] // RFC 9111 §4.1: of those that match, the most recent one that has a Vary
    public async Task Rule_30_a_default_answer_without_Vary_hides_no_variant()
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Edge.Origin.On(row.Target).Answer(request => request.Field("Foo") is { } foo ? row.Ok(foo, "Cache-Control: max-age=60|Vary: Foo") : row.Ok("default", "Cache-Control: max-age=60"));
            await row.GetAsync("Foo: 1");
            row.Pass(1);
            Assert.Equal("default", (await row.GetAsync()).Text);
            Assert.Equal("1", (await row.GetAsync("Foo: 1")).Text);
            Assert.Equal("default", (await row.GetAsync("Foo: 2")).Text);
            Assert.Equal(2, row.Asked.Count);
        }
    }

    [Theory]
    [InlineData("case", "en, de", "eN, De", "hit")]
    [InlineData("order", "en, de", "de, en", "hit")]
    [InlineData("weights in another spelling", "en;q=0.5, de", "de;q=1.0, en; q=0.500", "hit")]
    [InlineData("other weights", "en;q=0.5, de", "en;q=0.6, de", "fetch")]
    [InlineData("another language", "en, de", "en, fr", "fetch")]
    public async Task Rule_31_Accept_Language_in_rfc9111(string clause, string first, string second, string rfc9111) // RFC 9111 §4.1, RFC 9110 §12.5.4
    {
        foreach (var (preset, expected) in new[] { ("safe", "fetch"), ("rfc9111", rfc9111) })
        {
            var outcome = await edges.Row(preset).SecondAsync(
                "Cache-Control: max-age=60|Vary: Accept-Language", first: "Accept-Language: " + first, second: "Accept-Language: " + second);
            Assert.True(expected == outcome, $"{preset}: {clause}: {outcome}");
        }
    }

    [Fact]
    public async Task Rule_30_a_second_variant_does_not_push_out_the_first()
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Edge.Origin.On(row.Target).Answer(request => row.Ok("for " + request.Field("Foo"), "Cache-Control: max-age=60|Vary: Foo"));
            foreach (var foo in (string[])["1", "2", "1", "2"])
                Assert.Equal("for " + foo, (await row.GetAsync("Foo: " + foo)).Text);
            Assert.Equal(2, row.Asked.Count);
        }
    }

    [Fact]
    public async Task Rule_30_of_several_that_match_the_most_recent_Date_answers() // RFC 9111 §4.1
    {
        foreach (var (firstDate, secondDate, expected) in new[] { (0, 5, "two"), (5, 0, "one") })
        {
            var row = edges.Row("safe");
            row.Answer(
                row.Ok("one", $"Cache-Control: max-age=60|Vary: Foo|Date: {{{firstDate}}}"),
                row.Ok("two", $"Cache-Control: max-age=60|Vary: Bar|Date: {{{secondDate}}}"));
            await row.GetAsync("Foo: 1|Bar: 1");
            await row.GetAsync("Foo: 2|Bar: 1"); // only the first Vary tells the two requests apart
            Assert.Equal(expected, (await row.GetAsync("Foo: 1|Bar: 1")).Text);
            Assert.Equal(2, row.Asked.Count);
        }
    }

    [Fact]
    public async Task Rule_32_a_key_has_at_most_64_variants()
    {
        var row = edges.Row("safe");
        row.Edge.Origin.On(row.Target).Answer(request => row.Ok("for " + request.Field("Foo"), "Cache-Control: max-age=600|Vary: Foo"));
        for (var i = 0; i < 70; i++)
        {
            await row.GetAsync("Foo: " + i);
            row.Pass(1);
        }
        Assert.Equal(70, row.Asked.Count);
        Assert.Equal("hit", await row.OutcomeAsync("Foo: 69"));
        Assert.Equal("fetch", await row.OutcomeAsync("Foo: 0"));
    }
}
