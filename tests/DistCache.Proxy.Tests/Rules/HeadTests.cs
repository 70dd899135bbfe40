using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>Rule 33: HEAD (RFC 9110 §9.3.2, RFC 9111 §4, §4.3.5).</summary>
public sealed class HeadTests(RuleEdges edges) : IClassFixture<RuleEdges>
{
    [Fact]
    public async Task HEAD_is_answered_from_a_fresh_GET_with_its_fields_and_no_body() // RFC 9111 §4
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Stored("Cache-Control: max-age=60|ETag: \"a\"");
            await row.GetAsync();
            row.Pass(5);
            var head = await row.RequestAsync("HEAD");
            Assert.Equal((200, "3", "\"a\"", "5"), (head.Status, head.Field("Content-Length"), head.Field("ETag"), head.Field("Age")));
            Assert.Empty(head.Body);
            Assert.Equal(304, (await row.RequestAsync("HEAD", "If-None-Match: \"a\"")).Status);
            Assert.Single(row.Asked);
        }
    }

    [Fact]
    public async Task HEAD_with_a_stale_response_goes_to_the_origin_as_HEAD()
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = Stale(preset, "ETag: \"a\"", "ETag: \"a\"|Cache-Control: max-age=60|Content-Length: 3");
            await row.GetAsync();
            row.Pass(11);
            var head = await row.RequestAsync("HEAD");
            Assert.Equal("HEAD", row.Asked[1].Method);
            Assert.Equal((200, "3"), (head.Status, head.Field("Content-Length")));
        }
    }

    [Theory]
    [InlineData("validators and length agree", "ETag: \"a\"|Content-Length: 3", "hit")]
    [InlineData("Last-Modified agrees", "Last-Modified: Fri, 01 Jan 2021 00:00:00 GMT", "hit")]
    public async Task A_HEAD_answer_that_agrees_freshens_the_stored_GET(string clause, string lines, string expected) // §4.3.5
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = Stale(preset, "ETag: \"a\"|Last-Modified: Fri, 01 Jan 2021 00:00:00 GMT|X-New: old|X-Old: kept", lines + "|Cache-Control: max-age=60|X-New: new");
            await row.GetAsync();
            row.Pass(11);
            await row.RequestAsync("HEAD");
            Assert.True(expected == await row.OutcomeAsync(), preset + ": " + clause);
            var hit = await row.GetAsync();
            Assert.Equal(("one", "new", "kept", "3"), (hit.Text, hit.Field("X-New"), hit.Field("X-Old"), hit.Field("Content-Length")));
        }
    }

    [Theory] // safe trusts no client: whoever sends HEAD in time would keep for ever what nothing vouches for
    [InlineData("rfc9111", "", "hit")]
    [InlineData("safe", "", "304")]
    [InlineData("safe", "Content-Length: 3", "hit")]
    public async Task Where_nothing_speaks_against_it_safe_asks_for_proof(string preset, string lines, string expected) // §4.3.5
    {
        var row = Stale(preset, "ETag: \"a\"", lines + "|Cache-Control: max-age=60");
        await row.GetAsync();
        row.Pass(11);
        await row.RequestAsync("HEAD");
        Assert.Equal(expected, await row.OutcomeAsync());
    }

    [Theory]
    [InlineData("safe")]
    [InlineData("rfc9111")]
    public async Task A_HEAD_that_is_a_200_makes_a_stored_error_stale_instead_of_fresh(string preset) // §4.3.5: of a GET that could have been chosen
    {
        var row = edges.Row(preset);
        row.Edge.Origin.On(row.Target).Answer(request => request.Method == "HEAD"
            ? Answers.Head("200 OK", row.Lines("Cache-Control: max-age=600|Content-Length: 3"))
            : Answers.WithLength(row.Asked.Count == 1 ? "404 Not Found" : "200 OK", "one"u8.ToArray(), row.Lines("Cache-Control: max-age=10")));
        Assert.Equal(404, (await row.GetAsync()).Status);
        row.Pass(11);
        await row.RequestAsync("HEAD");
        Assert.Equal(200, (await row.GetAsync()).Status);
    }

    [Fact]
    public async Task A_HEAD_that_is_a_200_ends_a_stored_error_that_is_fresh() // §4.3.5
    {
        var row = edges.Row("rfc9111");
        row.Edge.Origin.On(row.Target).Answer(request => request.Method == "HEAD"
            ? Answers.Head("200 OK", row.Lines("Cache-Control: max-age=600|Content-Length: 3"))
            : Answers.WithLength(row.Asked.Count == 1 ? "404 Not Found" : "200 OK", "one"u8.ToArray(), row.Lines("Cache-Control: max-age=600")));
        Assert.Equal(404, (await row.GetAsync()).Status);
        await row.RequestAsync("HEAD", "Cache-Control: no-cache");
        Assert.Equal(200, (await row.GetAsync()).Status);
    }

    [Theory]
    [InlineData("another ETag", "ETag: \"b\"|Content-Length: 3")]
    [InlineData("another Last-Modified", "ETag: \"a\"|Last-Modified: Sat, 02 Jan 2021 00:00:00 GMT")]
    [InlineData("another length", "ETag: \"a\"|Content-Length: 4")]
    public async Task A_HEAD_answer_that_differs_makes_the_stored_GET_stale(string clause, string lines) // §4.3.5
    {
        foreach (var preset in RuleEdges.Presets)
        {
            // no-cache of the client brings HEAD to the origin while the stored response is fresh (rfc9111); in safe the response asks for it.
            var fresh = preset == "safe" ? "max-age=60, no-cache" : "max-age=60";
            var row = Stale(preset, $"Cache-Control: {fresh}|ETag: \"a\"|Last-Modified: Fri, 01 Jan 2021 00:00:00 GMT", lines + "|Cache-Control: max-age=60");
            await row.GetAsync();
            await row.RequestAsync("HEAD", "Cache-Control: no-cache");
            Assert.Equal(2, row.Asked.Count);
            Assert.True(await row.OutcomeAsync() is "304" or "fetch", preset + ": " + clause);
        }
    }

    [Theory]
    [InlineData("404 Not Found")]
    [InlineData("410 Gone")]
    [InlineData("500 Internal Server Error")]
    public async Task A_HEAD_answer_that_is_no_200_leaves_it_as_it_was(string status) // §4.3.5
    {
        var row = edges.Row("safe");
        row.Edge.Origin.On(row.Target).Answer(request => request.Method == "HEAD"
            ? Answers.Head(status, row.Lines("Cache-Control: max-age=60|Content-Length: 0"))
            : request.Field("If-None-Match") is not null ? row.Then304() : row.Ok("one", "Cache-Control: max-age=10|ETag: \"a\""));
        await row.GetAsync();
        row.Pass(11);
        Assert.Equal(status[..3], (await row.RequestAsync("HEAD")).Status.ToString());
        Assert.Equal("304", await row.OutcomeAsync());
    }

    [Fact]
    public async Task HEAD_of_a_stale_response_within_stale_if_error_hides_a_failing_origin() // RFC 5861 §4
    {
        var row = edges.Row("safe");
        row.Answer(row.Ok("one", "Cache-Control: max-age=10, stale-if-error=60"), Script.CloseAtOnce());
        await row.GetAsync();
        row.Pass(11);
        var head = await row.RequestAsync("HEAD");
        Assert.Equal((200, "3"), (head.Status, head.Field("Content-Length")));
        Assert.Contains("detail=stale-if-error", head.Field("Cache-Status"));
    }

    [Fact]
    public async Task A_HEAD_answer_never_brings_back_what_was_purged_after_it_was_asked_for() // as-of is not raised
    {
        var row = edges.Row("safe");
        var gate = new Gate();
        row.Edge.Origin.On(row.Target).Answer(request => request.Method == "HEAD"
            ? new Script().Wait(gate).Then(Answers.Head("200 OK", row.Lines("Cache-Control: max-age=60|ETag: \"a\"|Content-Length: 3")))
            : row.Ok(request.Field("If-None-Match") is null ? "one" : "two", "Cache-Control: max-age=10|ETag: \"a\""));
        await row.GetAsync();
        row.Pass(11);
        var head = row.RequestAsync("HEAD");
        await gate.Reached.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(200, (await row.RequestAsync("PURGE")).Status);
        gate.Open();
        await head;
        Assert.Equal("fetch", await row.OutcomeAsync());
    }

    /// <summary>The origin answers "one" to GET, confirms conditions, and answers HEAD with <paramref name="head"/>.</summary>
    private Row Stale(string preset, string get, string head)
    {
        var row = edges.Row(preset);
        var first = row.Ok("one", get.Contains("Cache-Control") ? get : "Cache-Control: max-age=10|" + get);
        row.Edge.Origin.On(row.Target).Answer(request => request.Method == "HEAD"
            ? Answers.Head("200 OK", row.Lines(head))
            : request.Field("If-None-Match") is not null ? row.Then304() : first);
        return row;
    }
}
