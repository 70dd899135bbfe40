using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Review;

/// <summary>I3: what was made for one user reaches no other, by validation, freshening or collapse.</summary>
public sealed class OtherUsersTests
{
    [Theory]
    [InlineData("Last-Modified: Sun, 22 Nov 2026 10:00:00 GMT")]
    [InlineData("ETag: W/\"template-7\"")]
    public async Task A_validator_of_another_variant_that_does_not_tell_variants_apart_is_not_asked_about(string validator) // RFC 9111 §4.3.1
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(request => request.Field("If-Modified-Since") is not null || request.Field("If-None-Match") is not null
            ? Script.Text($"HTTP/1.1 304 Not Modified\r\n{validator}\r\n\r\n")
            : Answers.Ok("for " + request.Field("Cookie"), "Cache-Control: max-age=60", "Vary: Cookie", validator));
        Assert.Equal("for u=1", (await edge.GetAsync("/a", "Cookie: u=1")).Text);
        Assert.Equal("for u=2", (await edge.GetAsync("/a", "Cookie: u=2")).Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ETag: W/\"v1\"\r\n")]
    [InlineData("Last-Modified: Sun, 22 Nov 2026 10:00:00 GMT\r\n")]
    public async Task A_304_that_does_not_name_the_strong_tag_of_another_variant_confirms_nothing(string field) // RFC 9111 §4.3.4
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(request => request.Field("If-None-Match") is not null
            ? Script.Text($"HTTP/1.1 304 Not Modified\r\n{field}\r\n")
            : Answers.Ok("for " + request.Field("Cookie"), "Cache-Control: max-age=60", "Vary: Cookie", "ETag: \"v1\"", "Last-Modified: Sun, 22 Nov 2026 10:00:00 GMT"));
        Assert.Equal("for u=1", (await edge.GetAsync("/a", "Cookie: u=1")).Text);
        Assert.Equal("for u=2", (await edge.GetAsync("/a", "Cookie: u=2")).Text);
    }

    [Fact]
    public async Task A_304_that_names_the_strong_tag_of_another_variant_confirms_it() // RFC 9111 §4.1, §4.3.4
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(request => request.Field("If-None-Match") == "\"v1\""
            ? Script.Text("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n")
            : Answers.Ok("same for all", "Cache-Control: max-age=60", "Vary: Accept-Language", "ETag: \"v1\""));
        Assert.Equal("same for all", (await edge.GetAsync("/a", "Accept-Language: de")).Text);
        var other = await edge.GetAsync("/a", "Accept-Language: fr");
        Assert.Equal("same for all", other.Text);
        Assert.Contains("fwd-status=304", other.Field("Cache-Status"));
    }

    [Theory]
    [InlineData("private, max-age=60")]
    [InlineData("no-store, max-age=60")]
    public async Task A_304_that_may_not_be_stored_answers_nobody_but_its_leader(string cacheControl) // RFC 9111 §5.2.2.5, §5.2.2.7
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var gate = new Gate();
        edge.Origin.On("/a").Answer(request => request.Field("If-None-Match") is not null
            ? new Script().Wait(gate).Then($"HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\nCache-Control: {cacheControl}\r\nX-User: {request.Field("Cookie")}\r\n\r\n")
            : Answers.Ok("hello", "Cache-Control: max-age=10", "ETag: \"v1\"", $"X-User: {request.Field("Cookie")}"));
        await edge.GetAsync("/a", "Cookie: nobody");
        edge.Time.Advance(TimeSpan.FromSeconds(11));
        var asked = Enumerable.Range(0, 20).Select(user => edge.GetAsync("/a", "Cookie: u" + user)).ToArray();
        await edge.Origin.Log.WaitForAsync("/a", 2);
        for (var i = 0; i < 20; i++)
            await edge.GetAsync("/elsewhere"); // gives the others the time to join
        gate.Open();
        var answers = await Task.WhenAll(asked);
        Assert.All(answers.Index(), answer => Assert.Equal("u" + answer.Index, answer.Item.Field("X-User")));
    }

    [Fact]
    public async Task A_wish_of_one_client_not_to_store_marks_nothing_for_the_others() // RFC 9111 §5.2.1.5
    {
        await using var edge = await EdgeInProcess.StartAsync("rfc9111");
        edge.Origin.On("/a").Answer(Answers.Ok("hello", "Cache-Control: max-age=60", "ETag: \"v1\""));
        await edge.GetAsync("/a", "Cache-Control: no-store");
        await edge.GetAsync("/a");
        Assert.Contains("; hit", (await edge.GetAsync("/a")).Field("Cache-Status"));
        await edge.GetAsync("/a", "Cache-Control: no-store, no-cache");
        Assert.Contains("; hit", (await edge.GetAsync("/a")).Field("Cache-Status"));
    }

    [Theory]
    [InlineData("Vary: Accept-Encoding")]
    [InlineData("X-Vary: none")]
    public async Task A_permission_that_reflects_Origin_is_kept_apart_by_it_though_Vary_does_not_name_it(string vary) // Fetch, "CORS protocol and HTTP caches"
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(request => Answers.Ok("data", "Cache-Control: max-age=60", vary, "Access-Control-Allow-Origin: " + request.Field("Origin")));
        foreach (var origin in (string[])["https://a", "https://b", "https://a", "https://b"])
            Assert.Equal(origin, (await edge.GetAsync("/a", "Origin: " + origin)).Field("Access-Control-Allow-Origin"));
        Assert.Equal(2, edge.Fetches("/a"));
    }

    [Fact]
    public async Task A_304_to_one_site_confirms_no_response_for_another_site()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(request => request.Field("If-None-Match") is not null
            ? Script.Text("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n")
            : Answers.Ok("data", "Cache-Control: max-age=60", "ETag: \"v1\"", "Access-Control-Allow-Origin: " + request.Field("Origin")));
        foreach (var origin in (string[])["https://a", "https://b"])
            Assert.Equal(origin, (await edge.GetAsync("/a", "Origin: " + origin)).Field("Access-Control-Allow-Origin"));
    }
}
