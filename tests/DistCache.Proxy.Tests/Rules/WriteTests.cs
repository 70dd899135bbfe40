using System.Net;
using System.Net.Sockets;
using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>Rules 10, 45 and 52: writes (RFC 9111 §4.4, RFC 9110 §9.3.3, §9.2.2).</summary>
public sealed class WriteTests(RuleEdges edges) : IClassFixture<RuleEdges>
{
    [Theory]
    [InlineData("absolute path")]
    [InlineData("absolute URI")]
    [InlineData("empty reference")]
    public async Task Rule_10_a_POST_with_freshness_and_its_own_Content_Location_serves_later_GETs(string spelling) // RFC 9110 §9.3.3
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            var location = spelling switch { "absolute path" => row.Target, "absolute URI" => "http://test" + row.Target, _ => "" };
            row.Answer(row.Ok("one", $"Cache-Control: max-age=60|Content-Location: {location}|X-A: 1"), row.Ok("two", "Cache-Control: max-age=60"));
            var post = await PostAsync(row);
            Assert.Equal(("one", "1"), (post.Text, post.Field("X-A")));
            row.Pass(59);
            var get = await row.GetAsync();
            Assert.Equal(("one", "1", "59"), (get.Text, get.Field("X-A"), get.Field("Age")));
            Assert.Contains("; hit", get.Field("Cache-Status"));
            Assert.Equal(("POST", "hello"), (row.Asked[0].Method, Latin1.Text(row.Asked[0].Body)));
            row.Pass(1);
            Assert.Equal("two", (await row.GetAsync()).Text);
        }
    }

    [Fact]
    public async Task Rule_10_a_POST_that_bypasses_the_cache_or_is_asked_as_no_look_up_asks_serves_nobody()
    {
        foreach (var (settings, line, target) in new[]
        {
            ("Bypass:Cookies=session", "Cookie: session=a", "/a"),
            ("RemoveRequestFields=Cookie", "Cookie: user=a", "/a"),
            ("Key:Query:Ignore=user", "X: 1", "/a?user=a"),
        })
        {
            var pair = settings.Split('=');
            await using var edge = await EdgeInProcess.StartAsync(more: new Dictionary<string, string?> { ["DistCache:Policies:default:" + pair[0]] = pair[1] });
            edge.Origin.Others.Answer(request => Answers.Ok("mine", "Cache-Control: max-age=60", $"Content-Location: {request.Target}"));
            await edge.RequestAsync("POST", target, line, "Content-Length: 0");
            Assert.True(edge.Memory.Count == 0, settings);
        }
    }

    [Theory] // P11: what is stored is all that is left while the origin is away
    [InlineData("refused", 200)]
    [InlineData("unanswered", 502)]
    public async Task Rule_45_a_write_that_no_origin_has_seen_makes_nothing_invalid(string failure, int then)
    {
        var origin = ScriptOrigin.Start();
        await using var edge = await EdgeInProcess.StartAsync(sharedOrigin: origin);
        origin.On("/a").Answer(Answers.Ok("one", edge.Date, "Cache-Control: max-age=60, stale-if-error=600"), Script.CloseAtOnce());
        await edge.GetAsync("/a");
        if (failure == "refused")
            await origin.DisposeAsync();
        Assert.Equal(502, (await edge.RequestAsync("POST", "/a", "Content-Length: 0")).Status);
        edge.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(then, (await edge.GetAsync("/a")).Status);
        if (failure != "refused")
            await origin.DisposeAsync();
    }

    [Fact] // rule 52: HttpClient repeats it, and only its last try is refused
    public async Task Rule_45_a_write_that_was_sent_before_its_origin_was_gone_makes_its_target_invalid()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var edge = await EdgeInProcess.StartAsync(more: new Dictionary<string, string?> { ["ReverseProxy:Clusters:origin:Destinations:one:Address"] = $"http://{listener.LocalEndpoint}/" });
        var stored = edge.GetAsync("/a");
        using var socket = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        var connection = new HandConnection(socket);
        await connection.ReadHeadAsync();
        await connection.SendAsync(Answers.Ok("one", edge.Date, "Cache-Control: max-age=600"));
        Assert.Equal("one", (await stored).Text);
        var write = edge.RequestAsync("DELETE", "/a");
        Assert.StartsWith("DELETE", await connection.ReadHeadAsync());
        listener.Stop();
        connection.HalfClose(); // the answer is lost, and nobody can be asked again
        Assert.Equal(502, (await write).Status);
        Assert.Equal(502, (await edge.GetAsync("/a")).Status);
    }

    [Fact]
    public async Task Rule_10_a_POST_itself_always_goes_to_the_origin()
    {
        var row = edges.Row("safe");
        row.Answer(row.Ok("one", $"Cache-Control: max-age=60|Content-Location: {row.Target}"), row.Ok("two", $"Cache-Control: max-age=60|Content-Location: {row.Target}"));
        await PostAsync(row);
        Assert.Equal("two", (await PostAsync(row)).Text);
        Assert.Equal("two", (await row.GetAsync()).Text); // the newer answer replaces the older
        Assert.Equal(2, row.Asked.Count);
    }

    [Theory]
    [InlineData("no Content-Location", "Cache-Control: max-age=60")]
    [InlineData("another URI", "Cache-Control: max-age=60|Content-Location: /elsewhere")]
    [InlineData("another query", "Cache-Control: max-age=60|Content-Location: ?a=b")]
    [InlineData("another origin", "Cache-Control: max-age=60|Content-Location: http://other/")]
    [InlineData("no explicit freshness", "Last-Modified: {-86400}|Content-Location: ")]
    [InlineData("no-store", "Cache-Control: no-store, max-age=60|Content-Location: ")]
    [InlineData("private", "Cache-Control: private, max-age=60|Content-Location: ")]
    public async Task Rule_10_otherwise_the_answer_to_a_POST_serves_nobody(string clause, string lines)
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Answer(row.Ok("one", lines), row.Ok("two", "Cache-Control: max-age=60"));
            await PostAsync(row);
            Assert.True("two" == (await row.GetAsync()).Text, preset + ": " + clause);
        }
    }

    [Fact]
    public async Task Rule_10_an_answer_that_was_cut_is_not_stored()
    {
        var row = edges.Row("safe");
        var whole = row.Ok(new string('x', 100_000), $"Cache-Control: max-age=60|Content-Location: {row.Target}");
        row.Answer(Script.CutAt(whole, 50_000).Fin(), row.Ok("two", "Cache-Control: max-age=60"));
        try
        {
            Assert.False((await PostAsync(row)).EndedCleanly);
        }
        catch (WireException)
        {
            // Reset before its head had left: no answer is no whole answer either.
        }
        Assert.Equal("two", (await row.GetAsync()).Text);
    }

    [Fact]
    public async Task Rule_10_an_answer_that_a_purge_has_overtaken_is_not_stored()
    {
        var row = edges.Row("safe");
        var gate = new Gate();
        row.Answer(new Script().Wait(gate).Then(row.Ok("one", $"Cache-Control: max-age=60|Content-Location: {row.Target}")), row.Ok("two", "Cache-Control: max-age=60"));
        var post = PostAsync(row);
        await gate.Reached.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await row.RequestAsync("PURGE");
        gate.Open();
        Assert.Equal("one", (await post).Text);
        Assert.Equal("two", (await row.GetAsync()).Text);
    }

    [Fact]
    public async Task Rule_10_memory_of_answers_that_are_not_kept_comes_back()
    {
        await using var edge = await EdgeInProcess.StartAsync(maxObjectSize: 100_000);
        var row = new Row(edge, "/large");
        row.Answer(Answers.Chunked(new byte[300_000], 10_000, "Cache-Control: max-age=60", "Content-Location: /large"));
        var before = edge.Memory.Pool.Used;
        for (var i = 0; i < 5; i++)
            Assert.Equal(300_000, (await PostAsync(row)).BodyLength);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Memory.Pool.Used == before));
        Assert.Equal(0, edge.Memory.Count);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("M-SEARCH")]
    [InlineData("FOOBAR")]
    public async Task Rule_45_a_write_that_was_answered_makes_its_target_invalid_in_all_variants(string method) // RFC 9111 §4.4
    {
        foreach (var preset in RuleEdges.Presets)
            foreach (var status in (string[])["200 OK", "204 No Content", "302 Found"])
            {
                var row = edges.Row(preset);
                row.Edge.Origin.On(row.Target).Answer(request => request.Method == "GET"
                    ? row.Ok("one", "Cache-Control: max-age=60|Vary: Foo")
                    : Answers.WithLength(status, []));
                await row.GetAsync("Foo: 1");
                await row.GetAsync("Foo: 2");
                await row.RequestAsync(method, "Content-Length: 0");
                Assert.Equal("fetch", await row.OutcomeAsync("Foo: 1"));
                Assert.Equal("fetch", await row.OutcomeAsync("Foo: 2"));
            }
    }

    [Theory]
    [InlineData("Location", "path")]
    [InlineData("Content-Location", "path")]
    [InlineData("Location", "absolute")]
    [InlineData("Content-Location", "absolute")]
    [InlineData("Location", "unnormalised")]
    public async Task Rule_45_and_what_Location_and_Content_Location_name(string field, string spelling)
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var named = edges.Row(preset);
            named.Answer(named.Ok("one", "Cache-Control: max-age=60"));
            await named.GetAsync();
            var writer = edges.Row(preset);
            var reference = spelling switch { "path" => named.Target, "absolute" => "http://TEST:80" + named.Target, _ => "/x/../%72" + named.Target[2..] };
            writer.Answer(writer.Ok("", $"{field}: {reference}"));
            await writer.RequestAsync("POST", "Content-Length: 0");
            Assert.Equal("fetch", await named.OutcomeAsync());
        }
    }

    [Fact]
    public async Task Rule_45_but_not_of_another_origin()
    {
        var named = edges.Row("safe");
        named.Answer(named.Ok("one", "Cache-Control: max-age=60"));
        await named.GetAsync("Host: victim");
        var writer = edges.Row("safe");
        writer.Answer(writer.Ok("", $"Location: http://victim{named.Target}|Content-Location: http://victim{named.Target}"));
        await writer.RequestAsync("POST", "Content-Length: 0");
        Assert.Equal("hit", await named.OutcomeAsync("Host: victim"));
    }

    [Theory]
    [InlineData("POST", "400 Bad Request")]
    [InlineData("POST", "404 Not Found")]
    [InlineData("DELETE", "500 Internal Server Error")]
    [InlineData("OPTIONS", "200 OK")]
    [InlineData("HEAD", "200 OK")]
    public async Task Rule_45_an_error_or_a_safe_method_makes_nothing_invalid(string method, string status)
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Edge.Origin.On(row.Target).Answer(request => request.Method == "GET"
                ? row.Ok("one", "Cache-Control: max-age=60")
                : Answers.WithLength(status, []));
            await row.GetAsync();
            await row.RequestAsync(method, method == "HEAD" ? "" : "Content-Length: 0");
            Assert.Equal("hit", await row.OutcomeAsync());
        }
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PATCH")]
    [InlineData("FOOBAR")]
    public async Task Rule_52_what_is_not_idempotent_is_sent_once(string method) // RFC 9110 §9.2.2
    {
        var row = edges.Row("safe");
        row.Answer(Script.CloseAtOnce());
        foreach (var lines in (string[])["", "Content-Length: 0"])
        {
            var before = row.Asked.Count;
            Assert.Equal(502, (await row.RequestAsync(method, lines)).Status);
            Assert.Equal(before + 1, row.Asked.Count);
        }
    }

    [Fact]
    public async Task Rule_52_an_idempotent_one_at_most_four_times()
    {
        var row = edges.Row("safe");
        row.Answer(Script.CloseAtOnce());
        Assert.Equal(502, (await row.GetAsync()).Status);
        Assert.InRange(row.Asked.Count, 1, 4);
    }

    private static async Task<RawAnswer> PostAsync(Row row)
    {
        await using var client = await row.Edge.ConnectAsync();
        await client.SendAsync(TestKit.Requests.Text("POST", row.Target, "Content-Length: 5") + "hello");
        return await client.ReadAnswerAsync("POST");
    }
}
