using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>Rules 23 and 46 to 51: what an answer tells, and what passes untouched.</summary>
public sealed class TellingTests(RuleEdges edges) : IClassFixture<RuleEdges>
{
    [Fact]
    public async Task Rule_23_Age_counts_what_the_tier_behind_reported_the_delay_and_the_residence() // RFC 9111 §4.2.3, §5.1
    {
        var row = edges.Row("safe");
        var gate = new Gate();
        row.Answer(new Script().Wait(gate).Then(Answers.Ok("one", "Cache-Control: max-age=600", "Age: 10", row.Edge.Date)));
        var first = row.GetAsync();
        await gate.Reached.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        row.Pass(3); // on its way
        gate.Open();
        Assert.Equal("13", (await first).Field("Age"));
        row.Pass(7);
        Assert.Equal("20", (await row.GetAsync()).Field("Age"));
    }

    [Fact]
    public async Task Rule_23_a_passed_answer_keeps_the_Age_that_it_came_with()
    {
        var row = edges.Row("safe");
        row.Answer(row.Ok("one", "Cache-Control: no-store|Age: 12"));
        Assert.Equal("12", (await row.GetAsync()).Field("Age"));
        Assert.Equal("12", (await row.GetAsync()).Field("Age")); // marked by now
        Assert.Equal("12", (await row.RequestAsync("POST", "Content-Length: 0")).Field("Age"));
    }

    [Theory]
    [InlineData("connection_terminated", "close", 502)]
    [InlineData("connection_terminated", "reset", 502)]
    [InlineData("http_protocol_error", "broken", 502)]
    [InlineData("http_protocol_error", "ambiguous", 502)]
    public async Task Rule_48_our_own_errors_carry_the_registered_error_type(string error, string kind, int status) // RFC 9209 §2.3
    {
        var row = edges.Row("safe");
        row.Answer(kind switch
        {
            "close" => Script.CloseAtOnce(),
            "reset" => Script.ResetAtOnce(),
            "broken" => Script.Text("nonsense\r\n\r\n").Fin(),
            _ => Script.Text("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
        });
        foreach (var answer in (RawAnswer[])[await row.GetAsync(), await row.RequestAsync("POST", "Content-Length: 0")])
        {
            Assert.Equal((status, $"DistCache; error={error}"), (answer.Status, answer.Field("Proxy-Status")));
            Assert.DoesNotContain("Exception", answer.Text);
            Assert.DoesNotContain("127.0.0.1", answer.Text);
        }
    }

    [Fact]
    public async Task Rule_48_an_origin_that_is_not_there_is_connection_refused()
    {
        await using var edge = await EdgeInProcess.StartAsync(more: new Dictionary<string, string?>
        {
            ["ReverseProxy:Clusters:origin:Destinations:one:Address"] = "http://127.0.0.1:1/",
        });
        foreach (var answer in (RawAnswer[])[await edge.GetAsync("/a"), await edge.RequestAsync("POST", "/a", "Content-Length: 0")])
            Assert.Equal((502, "DistCache; error=connection_refused"), (answer.Status, answer.Field("Proxy-Status")));
    }

    [Fact]
    public async Task Rule_48_a_cluster_without_destinations_is_503()
    {
        await using var edge = await EdgeInProcess.StartAsync(more: new Dictionary<string, string?>
        {
            ["ReverseProxy:Routes:all:ClusterId"] = "empty",
            ["ReverseProxy:Clusters:empty:LoadBalancingPolicy"] = "FirstAlphabetical",
        });
        foreach (var answer in (RawAnswer[])[await edge.GetAsync("/a"), await edge.RequestAsync("POST", "/a", "Content-Length: 0")])
            Assert.Equal((503, "DistCache; error=destination_unavailable"), (answer.Status, answer.Field("Proxy-Status")));
    }

    [Fact]
    public async Task Rule_48_no_answer_in_time_is_504()
    {
        await using var edge = await EdgeInProcess.StartAsync(more: new Dictionary<string, string?>
        {
            ["ReverseProxy:Clusters:origin:HttpRequest:ActivityTimeout"] = "00:00:01",
        });
        edge.Origin.On("/a").Answer(Script.NeverAnswer());
        foreach (var answer in (RawAnswer[])[await edge.GetAsync("/a"), await edge.RequestAsync("POST", "/a", "Content-Length: 0")])
            Assert.Equal((504, "DistCache; error=http_response_timeout"), (answer.Status, answer.Field("Proxy-Status")));
    }

    [Fact]
    public async Task Rule_48_what_we_answer_without_asking_anybody()
    {
        var row = edges.Row("safe");
        Assert.Equal("DistCache; error=proxy_internal_response", (await row.GetAsync("Cache-Control: only-if-cached")).Field("Proxy-Status"));
        row.Answer(row.Ok("one", "Cache-Control: no-store"));
        await row.GetAsync();
        var loop = row.Asked[0].Field("CDN-Loop")!;
        var answer = await row.GetAsync("CDN-Loop: " + loop);
        Assert.Equal((508, "DistCache; error=proxy_loop_detected"), (answer.Status, answer.Field("Proxy-Status"))); // rule 47, RFC 8586
    }

    [Theory]
    [InlineData("GET", "no-store")]
    [InlineData("GET", "max-age=60")]
    [InlineData("POST", "no-store")]
    public async Task Rule_49_values_pass_byte_for_byte_and_lines_keep_number_and_order(string method, string control)
    {
        var row = edges.Row("safe");
        row.Answer(row.Ok("one", $"Cache-Control: {control}|X-A: 1,  2|X-A: caf\u00e9|X-A: |Server: thing/1 (x)|X-Odd: \"a\\\"b\""));
        foreach (var answer in (RawAnswer[])[await row.RequestAsync(method), await row.RequestAsync(method)])
        {
            Assert.Equal(["1,  2", "caf\u00e9", ""], answer.Fields.All("X-A"));
            Assert.Equal(("thing/1 (x)", "\"a\\\"b\""), (answer.Field("Server"), answer.Field("X-Odd")));
        }
    }

    [Fact]
    public async Task Rule_49_Set_Cookie_lines_are_never_combined()
    {
        var row = edges.Row("rfc9111");
        row.Answer(row.Ok("one", "Cache-Control: max-age=60|Set-Cookie: a=1, x|Set-Cookie: b=2"));
        foreach (var answer in (RawAnswer[])[await row.GetAsync(), await row.GetAsync()])
            Assert.Equal(["a=1, x", "b=2"], answer.Fields.All("Set-Cookie"));
    }

    [Fact]
    public async Task Rule_51_nothing_is_compressed_or_decompressed()
    {
        var row = edges.Row("safe");
        row.Answer(row.Ok("not gzip at all", "Cache-Control: max-age=60|Content-Encoding: gzip"));
        foreach (var answer in (RawAnswer[])[await row.GetAsync("Accept-Encoding: br"), await row.GetAsync("Accept-Encoding: gzip")])
            Assert.Equal(("not gzip at all", "gzip"), (answer.Text, answer.Field("Content-Encoding")));
        Assert.Equal("br", row.Asked[0].Field("Accept-Encoding"));
    }

    [Fact]
    public async Task Rule_50_interim_answers_are_not_passed_and_leave_nothing_behind()
    {
        var row = edges.Row("safe");
        row.Answer(Script.Text("HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\nX-Early: 1\r\n\r\n").Then(row.Ok("one", "Cache-Control: max-age=60")));
        foreach (var answer in (RawAnswer[])[await row.GetAsync(), await row.GetAsync()])
        {
            Assert.Equal((200, "one"), (answer.Status, answer.Text));
            Assert.Null(answer.Field("X-Early"));
        }
        Assert.Single(row.Asked);
    }

    [Fact]
    public async Task A_field_that_Connection_names_ends_at_the_edge() // RFC 9110 §7.6.1
    {
        foreach (var method in (string[])["GET", "POST"])
        {
            var row = edges.Row("safe");
            row.Answer(row.Ok("one", "Cache-Control: no-store|Connection: X-Hop, close|X-Hop: 1|X-End: 1"));
            var answer = await row.RequestAsync(method);
            Assert.Null(answer.Field("X-Hop"));
            Assert.Equal("1", answer.Field("X-End"));
        }
    }
}
