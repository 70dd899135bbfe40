using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests;

/// <summary>The way of a request from the client's socket to the origin's and back.</summary>
public sealed class EdgeCacheTests
{
    [Fact]
    public async Task A_fresh_response_is_served_from_memory_with_its_age() // RFC 9111 §4, §5.1
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: max-age=60", edge.Date));
        var miss = await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(59));
        var hit = await edge.GetAsync("/a");
        Assert.Equal("DistCache; fwd=uri-miss; fwd-status=200; ttl=60; stored", miss.Field("Cache-Status"));
        Assert.Equal("DistCache; hit; ttl=1", hit.Field("Cache-Status"));
        Assert.Equal("59", hit.Field("Age"));
        Assert.Equal("one", hit.Text);
        Assert.Equal(1, edge.Fetches("/a"));
    }

    [Fact]
    public async Task At_its_lifetime_a_response_is_stale() // RFC 9111 §4.2: fresh only while lifetime > age
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: max-age=60"), Answers.Ok("two", "Cache-Control: max-age=60"));
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(60));
        var again = await edge.GetAsync("/a");
        Assert.Equal("two", again.Text);
        Assert.StartsWith("DistCache; fwd=stale; fwd-status=200", again.Field("Cache-Status"));
    }

    [Fact]
    public async Task Fields_and_repeated_lines_come_from_memory_as_the_origin_sent_them() // rule 49
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("x", "Cache-Control: max-age=60", "X-One: a", "X-One: b, c", "X-Latin: caf\u00e9", "X-Empty:", "Server: thing/1"));
        var miss = await edge.GetAsync("/a");
        var hit = await edge.GetAsync("/a");
        foreach (var answer in new[] { miss, hit })
        {
            Assert.Equal(["a", "b, c"], answer.Fields.Where(line => line.Name == "X-One").Select(line => line.Value));
            Assert.Equal("caf\u00e9", answer.Field("X-Latin"));
            Assert.Equal("", answer.Field("X-Empty"));
            Assert.Equal("thing/1", answer.Field("Server"));
        }
        Assert.Contains("hit", hit.Field("Cache-Status"));
    }

    [Theory]
    [InlineData(299, "Odd")]
    [InlineData(404, "Gone Fishing")]
    [InlineData(599, "Custom")]
    public async Task Any_final_status_with_explicit_freshness_is_stored_with_its_phrase(int status, string phrase) // rule 11
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.WithLength($"{status} {phrase}", "x"u8.ToArray(), "Cache-Control: max-age=60"));
        await edge.GetAsync("/a");
        var hit = await edge.GetAsync("/a");
        Assert.Equal(status, hit.Status);
        Assert.Equal(phrase, hit.Reason);
        Assert.Equal(1, edge.Fetches("/a"));
    }

    [Theory]
    [InlineData("Cache-Control: no-store, max-age=60", "no-store")]
    [InlineData("Cache-Control: private, max-age=60", "private")]
    [InlineData("X-Nothing: here", "no-freshness")]
    public async Task What_may_not_be_stored_is_fetched_each_time_and_says_why(string field, string reason)
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("one", field), Answers.Ok("two", field));
        var first = await edge.GetAsync("/a");
        var second = await edge.GetAsync("/a");
        Assert.Contains("detail=" + reason, first.Field("Cache-Status"));
        Assert.Contains("detail=uncacheable-marker", second.Field("Cache-Status"));
        Assert.Equal("two", second.Text);
        Assert.Null(second.Field("Age"));
    }

    [Fact]
    public async Task A_marked_key_is_collapsed_and_stored_again_once_its_answers_may_be()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: no-store"), Answers.Ok("two", "Cache-Control: max-age=60"));
        await edge.GetAsync("/a");
        await edge.GetAsync("/a");
        await edge.GetAsync("/a");
        Assert.Contains("; hit", (await edge.GetAsync("/a")).Field("Cache-Status"));
        Assert.Equal(3, edge.Fetches("/a"));
    }

    [Fact] // rules 26, 34: a mark is the key's, and one user's private page makes it
    public async Task What_is_stored_for_a_request_is_validated_and_outlasts_errors_though_its_key_is_marked()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(request => request.Field("Cookie") is not null
            ? Answers.Ok("mine", "Cache-Control: private", "Vary: Cookie")
            : edge.Fetches("/a") == 1 ? Answers.Ok("all", "Cache-Control: max-age=60, stale-if-error=600", "Vary: Cookie", "ETag: \"a\"")
            : Answers.WithLength("503 Bad", []));
        await edge.GetAsync("/a");
        await edge.GetAsync("/a", "Cookie: user=1");
        Assert.Contains("detail=uncacheable-marker", (await edge.GetAsync("/a", "Cookie: user=1")).Field("Cache-Status"));
        edge.Time.Advance(TimeSpan.FromSeconds(61));
        var stale = await edge.GetAsync("/a");
        Assert.Equal((200, "all"), (stale.Status, stale.Text));
        Assert.Equal("\"a\"", edge.Origin.Requests("/a")[^1].Field("If-None-Match"));
    }

    [Fact] // rule 39
    public async Task What_turns_out_to_be_too_large_leaves_nothing_of_what_it_replaces()
    {
        await using var edge = await EdgeInProcess.StartAsync(maxObjectSize: 1000);
        edge.Origin.On("/a").Answer(
            Answers.Ok("one", edge.Date, "Cache-Control: max-age=60, stale-while-revalidate=600"),
            Answers.Chunked(new byte[2000], 500, "Cache-Control: max-age=60"));
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("one", (await edge.GetAsync("/a")).Text);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Memory.Count == 0));
        Assert.Equal(2000, (await edge.GetAsync("/a")).Body.Length);
    }

    [Fact]
    public async Task A_stale_response_with_a_validator_is_validated_and_freshened() // RFC 9111 §4.3
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(
            Answers.Ok("one", "Cache-Control: max-age=60", "ETag: \"v1\"", "X-Old: kept", "X-New: old"),
            Script.Text("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\nCache-Control: max-age=30\r\nX-New: new\r\n\r\n"));
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(61));
        var validated = await edge.GetAsync("/a");
        Assert.Equal(200, validated.Status);
        Assert.Equal("one", validated.Text);
        Assert.Equal("new", validated.Field("X-New"));
        Assert.Equal("kept", validated.Field("X-Old"));
        Assert.Equal("DistCache; fwd=stale; fwd-status=304; ttl=30; stored", validated.Field("Cache-Status"));
        Assert.Equal("\"v1\"", edge.Origin.Requests("/a")[1].Field("If-None-Match"));
        Assert.Equal("DistCache; hit; ttl=30", (await edge.GetAsync("/a")).Field("Cache-Status"));
    }

    [Fact]
    public async Task A_304_that_confirms_nothing_stored_is_followed_by_a_request_without_conditions() // rule 37
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(
            Answers.Ok("one", "Cache-Control: max-age=1", "ETag: \"v1\""),
            Script.Text("HTTP/1.1 304 Not Modified\r\nETag: \"other\"\r\n\r\n"),
            Answers.Ok("two", "Cache-Control: max-age=60", "ETag: \"v2\""));
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(2));
        var answer = await edge.GetAsync("/a");
        Assert.Equal("two", answer.Text);
        Assert.Null(edge.Origin.Requests("/a")[2].Field("If-None-Match"));
    }

    [Fact]
    public async Task Within_stale_while_revalidate_the_stale_goes_out_at_once_and_one_validation_runs() // RFC 5861 §3
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var gate = new Gate();
        edge.Origin.On("/a").Answer(
            Answers.Ok("one", "Cache-Control: max-age=10, stale-while-revalidate=20"),
            new Script().Wait(gate).Then(Answers.Ok("two", "Cache-Control: max-age=10, stale-while-revalidate=20")));
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(29));
        for (var i = 0; i < 5; i++)
        {
            var stale = await edge.GetAsync("/a");
            Assert.Equal("one", stale.Text);
            Assert.Equal("DistCache; hit; ttl=-19; detail=stale-while-revalidate", stale.Field("Cache-Status"));
        }
        await edge.Origin.Log.WaitForAsync("/a", 2);
        gate.Open();
        await Eventually.TrueAsync(async () => (await edge.GetAsync("/a")).Text == "two");
        Assert.Equal(2, edge.Fetches("/a"));
    }

    [Fact]
    public async Task After_the_window_of_stale_while_revalidate_the_client_waits() // rule 25
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(
            Answers.Ok("one", "Cache-Control: max-age=10, stale-while-revalidate=20"),
            Answers.Ok("two", "Cache-Control: max-age=10, stale-while-revalidate=20"));
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("two", (await edge.GetAsync("/a")).Text);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(0)]
    public async Task Within_stale_if_error_a_failing_origin_is_hidden_and_after_it_shown(int status) // RFC 5861 §4
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var failure = status == 0 ? Script.CloseAtOnce() : Answers.WithLength($"{status} Bad", "bad"u8.ToArray());
        edge.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: max-age=10, stale-if-error=20"), failure);
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(29));
        var hidden = await edge.GetAsync("/a");
        Assert.Equal("one", hidden.Text);
        Assert.Contains("detail=stale-if-error", hidden.Field("Cache-Status"));
        edge.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(status == 0 ? 502 : status, (await edge.GetAsync("/a")).Status);
    }

    [Fact]
    public async Task Variants_are_kept_apart_by_the_nominated_fields() // RFC 9111 §4.1
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(request => Answers.Ok("for " + request.Field("Accept-Language"), "Cache-Control: max-age=60", "Vary: Accept-Language"));
        foreach (var language in (string[])["de", "en", "de", "en"])
            Assert.Equal("for " + language, (await edge.GetAsync("/a", "Accept-Language: " + language)).Text);
        Assert.Equal("for ", (await edge.GetAsync("/a")).Text);
        Assert.Equal(3, edge.Fetches("/a"));
        Assert.Contains("fwd=vary-miss", (await edge.GetAsync("/a", "Accept-Language: fr")).Field("Cache-Status"));
    }

    [Fact]
    public async Task A_crowd_on_a_cold_key_costs_the_origin_one_request()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var gate = new Gate();
        edge.Origin.On("/a").Answer(new Script().Wait(gate).Then(Answers.Ok("one", "Cache-Control: max-age=60")));
        var crowd = Enumerable.Range(0, 100).Select(_ => edge.GetAsync("/a")).ToArray();
        await edge.Origin.Log.WaitForAsync("/a", 1);
        gate.Open();
        var answers = await Task.WhenAll(crowd);
        Assert.All(answers, answer => Assert.Equal("one", answer.Text));
        Assert.Equal(1, edge.Fetches("/a"));
    }

    [Fact]
    public async Task A_crowd_on_an_uncacheable_key_is_released_at_once_and_nobody_shares_an_answer() // edge 10
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var counter = 0;
        edge.Origin.On("/a").Answer(_ => Answers.Ok("answer " + Interlocked.Increment(ref counter), "Cache-Control: private"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => edge.GetAsync("/a")));
        Assert.Equal(50, answers.Select(answer => answer.Text).Distinct().Count());
    }

    [Fact]
    public async Task A_crowd_with_different_variants_gets_each_its_own() // a follower joins only what may answer it
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(request => Answers.Ok("for " + request.Field("Cookie"), "Cache-Control: max-age=60", "Vary: Cookie"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(async i => (i % 3, Answer: await edge.GetAsync("/a", $"Cookie: u={i % 3}"))));
        Assert.All(answers, pair => Assert.Equal($"for u={pair.Item1}", pair.Answer.Text));
    }

    [Theory]
    [InlineData("Cookie")]
    [InlineData("Authorization")]
    public async Task Where_variants_are_people_nobody_is_asked_about_by_the_tag_of_another(string field) // I3
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(request => request.Field("If-None-Match") is not null
            ? Script.Text("HTTP/1.1 304 Not Modified\r\nETag: \"template\"\r\n\r\n")
            : Answers.Ok("for " + request.Field(field), "Cache-Control: public, max-age=60", "ETag: \"template\"", "Vary: " + field));
        foreach (var user in (string[])["a", "b"])
            Assert.Equal("for " + user, (await edge.GetAsync("/a", $"{field}: {user}")).Text);
    }

    [Fact]
    public async Task The_leader_may_leave_and_the_followers_get_everything()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var gate = new Gate();
        var body = new string('x', 200_000);
        var whole = Answers.Ok(body, "Cache-Control: max-age=60");
        edge.Origin.On("/a").Answer(Script.CutAt(whole, 50_000).Wait(gate).Then(whole[50_000..]));
        var leader = await edge.ConnectAsync();
        await leader.SendAsync(TestKit.Requests.Text("GET", "/a"));
        await leader.ReadHeadAsync();
        var follower = edge.GetAsync("/a");
        leader.Reset();
        gate.Open();
        Assert.Equal(body, (await follower).Text);
        Assert.Contains("; hit", (await edge.GetAsync("/a")).Field("Cache-Status"));
        Assert.Equal(1, edge.Fetches("/a"));
        await leader.DisposeAsync();
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n\r\nabcde")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n")]
    public async Task A_body_that_was_cut_never_looks_whole_and_is_not_stored(string cut)
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(
            Script.Text("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n" + cut).Fin(), Answers.Ok("whole", "Cache-Control: max-age=60"));
        try
        {
            Assert.False((await edge.GetAsync("/a")).EndedCleanly);
        }
        catch (WireException)
        {
            // Reset before its head had left: no answer is no whole answer either.
        }
        Assert.Equal("whole", (await edge.GetAsync("/a")).Text);
    }

    [Fact]
    public async Task A_close_delimited_body_is_passed_with_close_and_not_stored() // rule 50
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Script.Text("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n\r\nhello").Fin());
        var first = await edge.GetAsync("/a");
        var second = await edge.GetAsync("/a");
        foreach (var answer in new[] { first, second })
        {
            Assert.Equal("hello", answer.Text);
            Assert.Equal("close", answer.Field("Connection"));
        }
        Assert.Equal(2, edge.Fetches("/a"));
    }

    [Fact]
    public async Task A_body_larger_than_the_limit_streams_through_and_is_not_stored()
    {
        await using var edge = await EdgeInProcess.StartAsync(maxObjectSize: 100_000);
        var body = new byte[1_000_000];
        new Random(3).NextBytes(body);
        edge.Origin.On("/known").Answer(Answers.Ok(body, "Cache-Control: max-age=60"));
        edge.Origin.On("/unknown").Answer(Answers.Chunked(body, 10_000, "Cache-Control: max-age=60"));
        foreach (var target in (string[])["/known", "/unknown", "/known", "/unknown"])
            Assert.Equal(body, (await edge.GetAsync(target)).Body);
        Assert.Equal(0, edge.Memory.Count);
        Assert.Equal(2, edge.Fetches("/unknown"));
    }

    [Fact]
    public async Task HEAD_is_answered_from_a_stored_GET_without_a_body() // rule 33
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("hello", "Cache-Control: max-age=60"));
        await edge.GetAsync("/a");
        var head = await edge.RequestAsync("HEAD", "/a");
        Assert.Equal("5", head.Field("Content-Length"));
        Assert.Contains("; hit", head.Field("Cache-Status"));
        Assert.Empty(head.Body);
        Assert.Equal(1, edge.Fetches("/a"));
    }

    [Fact]
    public async Task HEAD_with_nothing_stored_goes_to_the_origin_as_HEAD_and_stores_nothing() // edge 1
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(request => request.Method == "HEAD"
            ? Script.Text("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\n\r\n")
            : Answers.Ok("hello", "Cache-Control: max-age=60"));
        Assert.Equal("5", (await edge.RequestAsync("HEAD", "/a")).Field("Content-Length"));
        Assert.Equal("hello", (await edge.GetAsync("/a")).Text);
        Assert.Equal(["HEAD", "GET"], edge.Origin.Requests("/a").Select(request => request.Method));
    }

    [Fact]
    public async Task A_condition_that_the_stored_response_meets_is_answered_304_by_us() // RFC 9110 §13.1.2, RFC 9111 §4.3.2
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("hello", "Cache-Control: max-age=60", "ETag: \"v1\"", "Content-Type: text/plain"));
        await edge.GetAsync("/a");
        var same = await edge.GetAsync("/a", "If-None-Match: \"v0\", W/\"v1\"");
        Assert.Equal(304, same.Status);
        Assert.Equal("\"v1\"", same.Field("ETag"));
        Assert.Null(same.Field("Content-Type"));
        Assert.Equal(200, (await edge.GetAsync("/a", "If-None-Match: \"v2\"")).Status);
        Assert.Equal(1, edge.Fetches("/a"));
    }

    [Fact]
    public async Task Conditions_with_nothing_stored_go_to_the_origin_unchanged_and_its_304_comes_back() // rule 35
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Script.Text("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\nCache-Control: max-age=60\r\n\r\n"), Answers.Ok("hello", "Cache-Control: max-age=60"));
        Assert.Equal(304, (await edge.GetAsync("/a", "If-None-Match: \"v1\"")).Status);
        Assert.Equal("\"v1\"", edge.Origin.Requests("/a")[0].Field("If-None-Match"));
        Assert.Equal("hello", (await edge.GetAsync("/a")).Text);
        Assert.Contains("; hit", (await edge.GetAsync("/a")).Field("Cache-Status"));
    }

    [Fact]
    public async Task A_range_on_a_miss_fetches_the_whole_and_answers_the_part() // rule 44
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("0123456789", "Cache-Control: max-age=60"));
        var part = await edge.GetAsync("/a", "Range: bytes=2-4");
        Assert.Equal(206, part.Status);
        Assert.Equal("234", part.Text);
        Assert.Equal("bytes 2-4/10", part.Field("Content-Range"));
        Assert.Null(edge.Origin.Requests("/a")[0].Field("Range"));
        Assert.Equal("789", (await edge.GetAsync("/a", "Range: bytes=-3")).Text);
        Assert.Equal(1, edge.Fetches("/a"));
    }

    [Fact]
    public async Task Several_ranges_come_as_multipart_in_the_order_asked_for() // RFC 9110 §14.6
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("0123456789", "Cache-Control: max-age=60", "Content-Type: text/plain"));
        await edge.GetAsync("/a");
        var answer = await edge.GetAsync("/a", "Range: bytes=7-8,0-1");
        Assert.Equal(206, answer.Status);
        Assert.True(answer.EndedCleanly);
        var boundary = answer.Field("Content-Type")!.Split("boundary=")[1];
        Assert.Equal(
            $"\r\n--{boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes 7-8/10\r\n\r\n78" +
            $"\r\n--{boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01\r\n--{boundary}--\r\n",
            answer.Text);
    }

    [Fact]
    public async Task A_range_that_lies_outside_is_answered_416_with_the_length() // RFC 9110 §15.5.17
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("0123456789", "Cache-Control: max-age=60"));
        var answer = await edge.GetAsync("/a", "Range: bytes=20-30");
        Assert.Equal(416, answer.Status);
        Assert.Equal("bytes */10", answer.Field("Content-Range"));
    }

    [Fact]
    public async Task A_range_of_what_may_not_be_stored_is_left_to_the_origin()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(request => request.Field("Range") is { } range
            ? Answers.WithLength("206 Partial Content", "2"u8.ToArray(), "Content-Range: bytes 2-2/10", "Cache-Control: no-store")
            : Answers.Ok("0123456789", "Cache-Control: no-store"));
        var part = await edge.GetAsync("/a", "Range: bytes=2-2");
        Assert.Equal(206, part.Status);
        Assert.Equal("2", part.Text);
    }

    [Fact]
    public async Task Only_if_cached_with_nothing_stored_is_504_and_asks_nobody() // RFC 9111 §5.2.1.7
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("hello"));
        Assert.Equal(504, (await edge.GetAsync("/a", "Cache-Control: only-if-cached")).Status);
        Assert.Empty(edge.Origin.Log.All);
    }

    [Fact]
    public async Task A_request_with_credentials_is_answered_alone_and_not_stored() // RFC 9111 §3.5
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(request => Answers.Ok("for " + request.Field("Authorization"), "Cache-Control: max-age=60"));
        Assert.Equal("for a", (await edge.GetAsync("/a", "Authorization: a")).Text);
        Assert.Equal("for b", (await edge.GetAsync("/a", "Authorization: b")).Text);
        Assert.Equal("for ", (await edge.GetAsync("/a")).Text);
    }

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("Forwarded")]
    public async Task What_varies_on_the_client_address_is_not_stored(string name)
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("hello", "Cache-Control: max-age=60", "Vary: " + name));
        Assert.Contains("detail=vary-on-client-address", (await edge.GetAsync("/a")).Field("Cache-Status"));
    }

    [Fact]
    public async Task Via_is_appended_in_both_directions_and_our_Cache_Status_follows_theirs() // RFC 9110 §7.6.3, RFC 9211 §2
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("hello", "Cache-Control: max-age=60", "Via: 1.0 inner", "Cache-Status: inner; hit"));
        await edge.GetAsync("/a", "Via: 1.1 browser");
        var hit = await edge.GetAsync("/a");
        Assert.Equal("1.0 inner, 1.1 DistCache", hit.Field("Via"));
        Assert.Equal("inner; hit, DistCache; hit; ttl=60", hit.Field("Cache-Status"));
        Assert.Equal("1.1 browser, 1.1 DistCache", edge.Origin.Requests("/a")[0].Field("Via"));
    }

    [Fact]
    public async Task A_request_that_comes_back_to_us_is_refused_with_508() // RFC 8586
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("hello"));
        await edge.GetAsync("/a", "CDN-Loop: other");
        var loop = edge.Origin.Requests("/a")[0].Field("CDN-Loop")!;
        Assert.StartsWith("other, distcache; node=", loop);
        Assert.Equal(508, (await edge.GetAsync("/b", "CDN-Loop: " + loop)).Status);
        Assert.Empty(edge.Origin.Requests("/b"));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task Other_methods_are_passed(string method)
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("hello", "Cache-Control: max-age=60"));
        for (var i = 0; i < 2; i++)
            Assert.Equal("DistCache; fwd=method; fwd-status=200", (await edge.RequestAsync(method, "/a", "Content-Length: 0")).Field("Cache-Status"));
        Assert.Equal(2, edge.Fetches("/a"));
    }

    [Fact]
    public async Task An_origin_that_closes_without_an_answer_becomes_a_502_free_of_internals()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Script.CloseAtOnce());
        var answer = await edge.GetAsync("/a");
        Assert.Equal(502, answer.Status);
        Assert.Contains("detail=origin-unreachable", answer.Field("Cache-Status"));
        Assert.Equal("502 The origin could not be reached or its answer was not valid.\n", answer.Text);
    }

    [Theory]
    [InlineData("Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")]
    public async Task An_ambiguous_answer_of_the_origin_becomes_a_502(string message) // RFC 9112 §6.3
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Script.Text("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n" + message));
        foreach (var method in (string[])["GET", "POST"])
            Assert.Equal(502, (await edge.RequestAsync(method, "/a", "Content-Length: 0")).Status);
    }

    [Fact]
    public async Task Equal_repeated_Content_Length_lines_count_as_one() // RFC 9110 §8.6
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Script.Text("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"));
        var answer = await edge.GetAsync("/a");
        Assert.Equal("abc", answer.Text);
        Assert.Equal("3", answer.Field("Content-Length"));
    }

    [Fact]
    public async Task A_204_with_a_length_is_sent_without_it() // RFC 9110 §8.6
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Script.Text("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\nCache-Control: max-age=60\r\n\r\n").Fin());
        var answer = await edge.GetAsync("/a");
        Assert.Equal(204, answer.Status);
        Assert.Null(answer.Field("Content-Length"));
    }
}
