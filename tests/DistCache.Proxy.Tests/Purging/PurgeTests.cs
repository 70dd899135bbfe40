using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Purging;

/// <summary>PURGE on the data port, from loopback, and what a purge does to what is stored and to what is under way.</summary>
public sealed class PurgeTests
{
    [Fact]
    public async Task A_purged_URL_is_fetched_anew_in_all_its_variants()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var version = 1;
        edge.Origin.On("/a").Answer(request => Answers.Ok($"v{version} {request.Field("Accept-Language")}", "Cache-Control: max-age=60", "Vary: Accept-Language", "ETag: \"same\""));
        foreach (var language in (string[])["de", "en"])
            await edge.GetAsync("/a", "Accept-Language: " + language);
        version = 2;
        var purge = await edge.RequestAsync("PURGE", "/a");
        Assert.Equal(200, purge.Status);
        Assert.Equal("{\"status\":\"ok\",\"position\":1,\"mode\":\"hard\"}\n", purge.Text);
        foreach (var language in (string[])["de", "en"])
            Assert.Equal("v2 " + language, (await edge.GetAsync("/a", "Accept-Language: " + language)).Text);
        // Hard: the bytes may be bad, so they are not even validated.
        Assert.Null(edge.Origin.Requests("/a")[2].Field("If-None-Match"));
    }

    [Theory]
    [InlineData("Surrogate-Key: one two", "Surrogate-Key: two")]
    [InlineData("xkey: one two", "xkey: two")]
    [InlineData("Cache-Tag: one, two", "Cache-Tag: two")]
    [InlineData("Edge-Cache-Tag: one,two", "Surrogate-Key: other two")]
    public async Task A_purged_tag_reaches_what_carries_it_and_nothing_else(string label, string purge)
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/tagged").Answer(Answers.Ok("x", "Cache-Control: max-age=60", label));
        edge.Origin.On("/other").Answer(Answers.Ok("x", "Cache-Control: max-age=60", "Surrogate-Key: else"));
        await edge.GetAsync("/tagged");
        await edge.GetAsync("/other");
        await edge.RequestAsync("PURGE", "/", purge);
        Assert.Contains("fwd=", (await edge.GetAsync("/tagged")).Field("Cache-Status"));
        Assert.Contains("; hit", (await edge.GetAsync("/other")).Field("Cache-Status"));
    }

    [Fact]
    public async Task Tags_do_not_reach_the_client() // A23
    {
        await using var edge = await EdgeInProcess.StartAsync();
        foreach (var target in (string[])["/stored", "/passed"])
        {
            edge.Origin.On(target).Answer(Answers.Ok(
                "x", target == "/stored" ? "Cache-Control: max-age=60" : "Cache-Control: no-store", "Surrogate-Key: a", "Cache-Tag: a", "xkey: a", "Edge-Cache-Tag: a", "Surrogate-Control: content=\"x\""));
            for (var i = 0; i < 3; i++)
            {
                var answer = await edge.GetAsync(target);
                foreach (var name in (string[])["Surrogate-Key", "Cache-Tag", "xkey", "Edge-Cache-Tag", "Surrogate-Control"])
                    Assert.Null(answer.Field(name));
            }
        }
    }

    [Fact]
    public async Task A_softly_purged_response_is_validated_and_its_windows_count_from_the_purge() // rule 28
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(
            Answers.Ok("one", "Cache-Control: max-age=600, stale-if-error=20", "ETag: \"v1\""), Answers.WithLength("503 Busy", []));
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(100));
        Assert.Contains("\"mode\":\"soft\"", (await edge.RequestAsync("PURGE", "/a", "Soft-Purge: 1")).Text);
        edge.Time.Advance(TimeSpan.FromSeconds(19));
        var stale = await edge.GetAsync("/a");
        Assert.Equal("one", stale.Text);
        Assert.Equal("\"v1\"", edge.Origin.Requests("/a")[1].Field("If-None-Match"));
        Assert.Contains("ttl=-19", stale.Field("Cache-Status"));
        edge.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(503, (await edge.GetAsync("/a")).Status);
    }

    [Fact]
    public async Task A_second_soft_purge_does_not_restart_the_window_of_the_first() // rule 28
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(
            Answers.Ok("one", "Cache-Control: max-age=600, stale-if-error=20", "ETag: \"v1\""), Answers.WithLength("503 Busy", []));
        await edge.GetAsync("/a");
        for (var i = 0; i < 3; i++)
        {
            await edge.RequestAsync("PURGE", "/a", "Soft-Purge: 1");
            edge.Time.Advance(TimeSpan.FromSeconds(6));
        }
        Assert.Equal("one", (await edge.GetAsync("/a")).Text);
        edge.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(503, (await edge.GetAsync("/a")).Status);
    }

    [Fact]
    public async Task After_a_soft_purge_a_weak_validator_confirms_nothing() // V16
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: max-age=600", "ETag: W/\"v1\""));
        await edge.GetAsync("/a");
        await edge.RequestAsync("PURGE", "/a", "Soft-Purge: 1");
        await edge.GetAsync("/a");
        Assert.Null(edge.Origin.Requests("/a")[1].Field("If-None-Match"));
    }

    [Fact]
    public async Task A_fill_that_began_before_a_purge_answers_nobody_who_comes_after_it_and_is_not_stored() // V1, P1
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var gate = new Gate();
        edge.Origin.On("/a").Answer(new Script().Wait(gate).Then(Answers.Ok("old", "Cache-Control: max-age=60")), Answers.Ok("new", "Cache-Control: max-age=60"));
        var before = edge.GetAsync("/a");
        await edge.Origin.Log.WaitForAsync("/a", 1);
        await edge.RequestAsync("PURGE", "/a");
        Assert.Equal("new", (await edge.GetAsync("/a")).Text);
        gate.Open();
        Assert.Equal("old", (await before).Text);
        var after = await edge.GetAsync("/a");
        Assert.Equal("new", after.Text);
        Assert.Contains("; hit", after.Field("Cache-Status"));
    }

    [Fact]
    public async Task A_tag_purge_during_a_fill_whose_tags_are_not_known_yet_holds_for_who_comes_after_it() // V1
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var gate = new Gate();
        edge.Origin.On("/a").Answer(
            new Script().Wait(gate).Then(Answers.Ok("old", "Cache-Control: max-age=60", "Surrogate-Key: t")), Answers.Ok("new", "Cache-Control: max-age=60", "Surrogate-Key: t"));
        var before = edge.GetAsync("/a");
        await edge.Origin.Log.WaitForAsync("/a", 1);
        await edge.RequestAsync("PURGE", "/", "Surrogate-Key: t");
        var after = Enumerable.Range(0, 20).Select(_ => edge.GetAsync("/a")).ToArray();
        gate.Open();
        Assert.Equal("old", (await before).Text);
        Assert.All(await Task.WhenAll(after), answer => Assert.Equal("new", answer.Text));
        Assert.Equal("new", (await edge.GetAsync("/a")).Text);
    }

    [Fact]
    public async Task A_validation_that_began_before_a_purge_does_not_bless_the_old_response()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var gate = new Gate();
        edge.Origin.On("/a").Answer(
            Answers.Ok("old", "Cache-Control: max-age=10", "ETag: \"v1\""),
            new Script().Wait(gate).Then("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\nCache-Control: max-age=600\r\n\r\n"),
            Answers.Ok("new", "Cache-Control: max-age=600"));
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(11));
        var before = edge.GetAsync("/a");
        await edge.Origin.Log.WaitForAsync("/a", 2);
        await edge.RequestAsync("PURGE", "/a");
        gate.Open();
        await before;
        Assert.Equal("new", (await edge.GetAsync("/a")).Text);
    }

    [Theory]
    [InlineData("POST", "200 OK", true)]
    [InlineData("PUT", "204 No Content", true)]
    [InlineData("DELETE", "303 See Other", true)]
    [InlineData("FROB", "200 OK", true)]
    [InlineData("POST", "404 Not Found", false)]
    [InlineData("PUT", "500 Oops", false)]
    [InlineData("OPTIONS", "200 OK", false)]
    public async Task An_answered_write_makes_its_target_invalid(string method, string status, bool invalidates) // RFC 9111 §4.4
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(request => request.Method == "GET"
            ? Answers.Ok("x", "Cache-Control: max-age=60")
            : status.StartsWith("204", StringComparison.Ordinal) ? Script.Text("HTTP/1.1 204 No Content\r\n\r\n") : Answers.WithLength(status, []));
        await edge.GetAsync("/a");
        await edge.RequestAsync(method, "/a", "Content-Length: 0");
        Assert.Equal(!invalidates, (await edge.GetAsync("/a")).Field("Cache-Status")!.Contains("; hit"));
    }

    [Theory]
    [InlineData("Location: /a", true)]
    [InlineData("Content-Location: /x/../a", true)]
    [InlineData("Location: http://elsewhere/a", false)]
    public async Task A_write_invalidates_what_it_points_to_on_the_same_origin(string field, bool invalidates) // RFC 9111 §4.4
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("x", "Cache-Control: max-age=60"));
        edge.Origin.On("/form").Answer(Answers.WithLength("201 Created", [], field));
        await edge.GetAsync("/a");
        await edge.RequestAsync("POST", "/form", "Content-Length: 0");
        Assert.Equal(!invalidates, (await edge.GetAsync("/a")).Field("Cache-Status")!.Contains("; hit"));
    }

    [Fact]
    public async Task A_write_without_an_answer_may_have_been_done_so_it_invalidates() // rule 22 of the purge protocol
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(request => request.Method == "GET" ? Answers.Ok("x", "Cache-Control: max-age=60") : Script.CloseAtOnce());
        await edge.GetAsync("/a");
        Assert.Equal(502, (await edge.RequestAsync("POST", "/a", "Content-Length: 0")).Status);
        Assert.DoesNotContain("; hit", (await edge.GetAsync("/a")).Field("Cache-Status"));
    }

    [Theory]
    [InlineData("Surrogate-Key: ", "names no tag")]
    [InlineData("Cache-Tag: ,", "names no tag")]
    [InlineData("Soft-Purge: maybe", "Soft-Purge is 1 (soft) or 0 (hard)")]
    public async Task A_purge_that_says_nothing_clear_is_refused_and_purges_nothing(string field, string reason)
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("x", "Cache-Control: max-age=60"));
        await edge.GetAsync("/a");
        var refused = await edge.RequestAsync("PURGE", "/a", field);
        Assert.Equal(400, refused.Status);
        Assert.Contains(reason, refused.Text);
        Assert.Contains("; hit", (await edge.GetAsync("/a")).Field("Cache-Status"));
    }
}
