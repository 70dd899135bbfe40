using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>Rules 40 and 41: the client's conditions against what we hold (RFC 9110 §13, RFC 9111 §4.3.2).</summary>
public sealed class ConditionTests(RuleEdges edges) : IClassFixture<RuleEdges>
{
    private const string Modified = "Fri, 01 Jan 2021 00:00:00 GMT";

    [Theory]
    [InlineData("the same tag", "ETag: \"a\"", "If-None-Match: \"a\"", 304)]
    [InlineData("another tag", "ETag: \"a\"", "If-None-Match: \"b\"", 200)]
    [InlineData("weak comparison: W/ asked", "ETag: \"a\"", "If-None-Match: W/\"a\"", 304)]
    [InlineData("weak comparison: W/ stored", "ETag: W/\"a\"", "If-None-Match: \"a\"", 304)]
    [InlineData("weak both", "ETag: W/\"a\"", "If-None-Match: W/\"a\"", 304)]
    [InlineData("the mark is case-sensitive", "ETag: \"a\"", "If-None-Match: w/\"a\"", 200)]
    [InlineData("first of a list", "ETag: \"a\"", "If-None-Match: \"a\", \"b\", \"c\"", 304)]
    [InlineData("second of a list", "ETag: \"a\"", "If-None-Match: \"b\", \"a\", \"c\"", 304)]
    [InlineData("last of a list", "ETag: \"a\"", "If-None-Match: \"b\", \"c\", \"a\"", 304)]
    [InlineData("on a second line", "ETag: \"a\"", "If-None-Match: \"b\"|If-None-Match: \"a\"", 304)]
    [InlineData("a tag with a comma", "ETag: \"a,b\"", "If-None-Match: \"a,b\"", 304)]
    [InlineData("obs-text", "ETag: \"a\u00e9\"", "If-None-Match: \"a\u00e9\"", 304)]
    [InlineData("another obs-text", "ETag: \"a\u00e9\"", "If-None-Match: \"a\u00e8\"", 200)]
    [InlineData("star", "ETag: \"a\"", "If-None-Match: *", 304)]
    [InlineData("star without a tag", "X: 1", "If-None-Match: *", 304)]
    [InlineData("no quotes", "ETag: \"a\"", "If-None-Match: a", 200)]
    [InlineData("no tag stored", "X: 1", "If-None-Match: \"a\"", 200)]
    [InlineData("§13.2.2: If-None-Match before If-Modified-Since, met", $"ETag: \"a\"|Last-Modified: {Modified}", "If-None-Match: \"a\"|If-Modified-Since: Fri, 01 Jan 2010 00:00:00 GMT", 304)]
    [InlineData("§13.2.2: If-None-Match before If-Modified-Since, not met", $"ETag: \"a\"|Last-Modified: {Modified}", $"If-None-Match: \"b\"|If-Modified-Since: {Modified}", 200)]
    [InlineData("§13.1.3: not modified since", $"Last-Modified: {Modified}", $"If-Modified-Since: {Modified}", 304)]
    [InlineData("§13.1.3: later", $"Last-Modified: {Modified}", "If-Modified-Since: Sat, 02 Jan 2021 00:00:00 GMT", 304)]
    [InlineData("§13.1.3: earlier", $"Last-Modified: {Modified}", "If-Modified-Since: Thu, 31 Dec 2020 00:00:00 GMT", 200)]
    [InlineData("§13.1.3: rfc850", $"Last-Modified: {Modified}", "If-Modified-Since: Friday, 01-Jan-21 00:00:00 GMT", 304)]
    [InlineData("§13.1.3: asctime", $"Last-Modified: {Modified}", "If-Modified-Since: Fri Jan  1 00:00:00 2021", 304)]
    [InlineData("§13.1.3: no date", $"Last-Modified: {Modified}", "If-Modified-Since: yesterday", 200)]
    [InlineData("4.3.2: without Last-Modified the Date counts", "Date: {-60}", "If-Modified-Since: {-30}", 304)]
    [InlineData("4.3.2: an earlier one than Date", "Date: {-60}", "If-Modified-Since: {-90}", 200)]
    [InlineData("4.3.2: without Date the time of receipt", "NoDate", "If-Modified-Since: {30}", 304)]
    public async Task Rule_40_conditions_against_a_fresh_response(string clause, string stored, string condition, int expected)
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Stored("Cache-Control: max-age=600|" + stored);
            await row.GetAsync();
            var answer = await row.GetAsync(condition);
            Assert.True(expected == answer.Status, $"{preset}: {clause}: {answer.Status}");
            Assert.Single(row.Asked);
        }
    }

    [Fact]
    public async Task Rule_40_a_304_of_ours_carries_what_it_must_and_no_field_of_the_body() // RFC 9110 §15.4.5
    {
        var row = edges.Row("safe");
        row.Stored($"Cache-Control: max-age=60|Content-Location: /x|ETag: \"a\"|Expires: {Modified}|Vary: Foo|Content-Type: text/plain|Content-Language: de|X-Other: 1");
        await row.GetAsync();
        row.Pass(7);
        var answer = await row.GetAsync("If-None-Match: \"a\"");
        Assert.Equal((304, "max-age=60", "/x", "\"a\"", "7"), (answer.Status, answer.Field("Cache-Control"), answer.Field("Content-Location"), answer.Field("ETag"), answer.Field("Age")));
        Assert.Equal((row.At(-7), Modified, "Foo"), (answer.Field("Date"), answer.Field("Expires"), answer.Field("Vary")));
        foreach (var name in (string[])["Content-Type", "Content-Length", "Content-Language", "Last-Modified", "X-Other"])
            Assert.Null(answer.Field(name));
    }

    [Fact] // RFC 9110 §15.4.5: to guide cache updates
    public async Task Rule_40_a_304_without_a_tag_says_by_which_date_it_is_one()
    {
        var row = edges.Row("safe");
        row.Stored($"Cache-Control: max-age=60|Last-Modified: {Modified}");
        await row.GetAsync();
        var answer = await row.GetAsync($"If-Modified-Since: {Modified}");
        Assert.Equal((304, Modified), (answer.Status, answer.Field("Last-Modified")));
        Assert.Null(answer.Field("Content-Type"));
    }

    [Theory]
    [InlineData("If-Match: \"a\"")]
    [InlineData("If-Unmodified-Since: Fri, 01 Jan 2021 00:00:00 GMT")]
    public async Task Rule_40_If_Match_and_If_Unmodified_Since_are_the_origins(string condition) // RFC 9110 §13.1.1
    {
        var row = edges.Row("safe");
        row.Answer(row.Ok("one", "Cache-Control: max-age=60|ETag: \"a\""), Answers.WithLength("412 Precondition Failed", []));
        await row.GetAsync();
        Assert.Equal(412, (await row.GetAsync(condition)).Status);
        Assert.Contains(condition, row.Asked[1].Text);
        Assert.Equal("hit", await row.OutcomeAsync());
    }

    [Fact]
    public async Task Rule_41_a_stale_response_is_validated_before_we_say_304()
    {
        foreach (var preset in RuleEdges.Presets)
            foreach (var control in (string[])["max-age=10", "max-age=600, no-cache"])
            {
                var row = edges.Row(preset);
                row.Answer(row.Ok("one", $"Cache-Control: {control}|ETag: \"a\""), row.Ok("two", "Cache-Control: max-age=60|ETag: \"b\""));
                await row.GetAsync();
                row.Pass(11);
                var answer = await row.GetAsync("If-None-Match: \"a\"");
                Assert.Equal((200, "two"), (answer.Status, answer.Text));
            }
    }

    [Fact]
    public async Task A_condition_is_about_a_200_and_not_about_an_error() // RFC 9110 §13.2.1
    {
        var row = edges.Row("safe");
        row.Stored("Cache-Control: max-age=60|ETag: \"a\"", "404 Not Found");
        await row.GetAsync();
        Assert.Equal(404, (await row.GetAsync("If-None-Match: \"a\"")).Status);
    }
}
