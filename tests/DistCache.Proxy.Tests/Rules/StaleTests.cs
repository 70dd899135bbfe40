using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>Rules 24 to 29: serving stale (RFC 9111 §4.2.4, §5.2.1, RFC 5861), every window at its exact edge.</summary>
public sealed class StaleTests(RuleEdges edges) : IClassFixture<RuleEdges>
{
    private static Script Failing(string kind) => kind switch
    {
        "close" => Script.CloseAtOnce(),
        "reset" => Script.ResetAtOnce(),
        "broken" => Script.Text("nonsense\r\n\r\n").Fin(),
        "cut" => Script.Text("HTTP/1.1 200 OK\r\nContent-Le").Fin(),
        _ => Answers.WithLength(kind + " Bad", "bad"u8.ToArray()),
    };

    /// <summary>Body of the answer to the second request, "504" for our own gateway errors' status, and so on.</summary>
    private static async Task<string> FailAsync(Row row, string lines, double after, string kind, string second = "")
    {
        row.Answer(row.Ok("one", lines), Failing(kind));
        await row.GetAsync();
        row.Pass(after);
        var answer = await row.GetAsync(second);
        return answer.Text == "one" ? "stale" : answer.Status.ToString();
    }

    [Theory]
    [InlineData("must-revalidate")]
    [InlineData("proxy-revalidate")]
    [InlineData("s-maxage=10")]
    [InlineData("no-cache")]
    public async Task Rule_24_what_forbids_stale_is_never_served_stale(string directive) // RFC 9111 §5.2.2.2, .4, .8, .10
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var lines = $"Cache-Control: max-age=10, stale-if-error=600, stale-while-revalidate=600, {directive}";
            foreach (var kind in (string[])["500", "502", "503", "504"])
                Assert.Equal(kind, await FailAsync(edges.Row(preset), lines, 11, kind));
            foreach (var kind in (string[])["close", "reset", "broken", "cut"])
                Assert.Equal("504", await FailAsync(edges.Row(preset), lines, 11, kind));
        }
    }

    [Theory]
    [InlineData("500", "500")]
    [InlineData("502", "502")]
    [InlineData("503", "503")]
    [InlineData("504", "504")]
    [InlineData("close", "502")]
    [InlineData("reset", "502")]
    [InlineData("broken", "502")]
    [InlineData("cut", "502")]
    public async Task Rule_26_stale_if_error_up_to_its_last_second(string kind, string afterwards) // RFC 5861 §4
    {
        foreach (var preset in RuleEdges.Presets)
        {
            const string lines = "Cache-Control: max-age=10, stale-if-error=20";
            Assert.Equal("stale", await FailAsync(edges.Row(preset), lines, 10, kind));
            Assert.Equal("stale", await FailAsync(edges.Row(preset), lines, 30, kind));
        }
        Assert.Equal(afterwards, await FailAsync(edges.Row("safe"), "Cache-Control: max-age=10, stale-if-error=20", 30.001, kind));
    }

    [Theory]
    [InlineData("400")]
    [InlineData("404")]
    [InlineData("501")]
    [InlineData("505")]
    public async Task Rule_26_other_statuses_are_no_failure_of_the_origin(string status)
    {
        foreach (var preset in RuleEdges.Presets)
            Assert.Equal(status, await FailAsync(edges.Row(preset), "Cache-Control: max-age=10, stale-if-error=20", 11, status));
    }

    [Fact]
    public async Task Rule_27_disconnected_and_nothing_forbids_it() // RFC 9111 §4.2.4: rfc9111 does what it allows, safe only what is asked for
    {
        foreach (var kind in (string[])["close", "reset", "broken", "cut"])
        {
            Assert.Equal("502", await FailAsync(edges.Row("safe"), "Cache-Control: max-age=10", 11, kind));
            Assert.Equal("stale", await FailAsync(edges.Row("rfc9111"), "Cache-Control: max-age=10", 11, kind));
            Assert.Equal("stale", await FailAsync(edges.Row("rfc9111"), "Cache-Control: max-age=10", 10 + 86400, kind));
            Assert.Equal("502", await FailAsync(edges.Row("rfc9111"), "Cache-Control: max-age=10", 10 + 86401, kind));
        }
    }

    [Fact]
    public async Task Rule_38_a_5xx_on_validation_counts_as_no_answer_in_rfc9111() // RFC 9111 §4.3.3
    {
        Assert.Equal("503", await FailAsync(edges.Row("safe"), "Cache-Control: max-age=10|ETag: \"a\"", 11, "503"));
        Assert.Equal("stale", await FailAsync(edges.Row("rfc9111"), "Cache-Control: max-age=10|ETag: \"a\"", 11, "503"));
    }

    [Fact]
    public async Task Rule_38_a_5xx_that_is_passed_leaves_the_stored_response() // RFC 9111 §4.3.3
    {
        var row = edges.Row("safe");
        row.Answer(row.Ok("one", "Cache-Control: max-age=10|ETag: \"a\""), Answers.WithLength("503 Busy", []), row.Then304());
        await row.GetAsync();
        row.Pass(11);
        Assert.Equal(503, (await row.GetAsync()).Status);
        Assert.Equal("one", (await row.GetAsync()).Text);
        Assert.Equal("\"a\"", row.Asked[2].Field("If-None-Match"));
    }

    [Fact]
    public async Task Rule_25_stale_while_revalidate_up_to_its_last_second() // RFC 5861 §3
    {
        foreach (var preset in RuleEdges.Presets)
            foreach (var (after, expected) in new[] { (9.999, "one"), (10, "one"), (30, "one"), (30.001, "two") })
            {
                var row = edges.Row(preset);
                row.Answer(row.Ok("one", "Cache-Control: max-age=10, stale-while-revalidate=20"), row.Ok("two", "Cache-Control: max-age=10"));
                await row.GetAsync();
                row.Pass(after);
                Assert.Equal(expected, (await row.GetAsync()).Text);
                if (after >= 10)
                    await row.Edge.Origin.Log.WaitForAsync(row.Target, 2); // in the background, or before the answer
                else
                    Assert.Single(row.Asked);
            }
    }

    [Fact]
    public async Task Rule_25_the_background_validation_freshens()
    {
        var row = edges.Row("safe");
        row.Stored("Cache-Control: max-age=10, stale-while-revalidate=20|ETag: \"a\"");
        await row.GetAsync();
        row.Pass(15);
        Assert.Equal("one", (await row.GetAsync()).Text);
        await Eventually.TrueAsync(async () => (await row.GetAsync()).Field("Cache-Status") == "DistCache; hit; ttl=10");
        Assert.Equal("\"a\"", row.Asked[1].Field("If-None-Match"));
    }

    [Fact]
    public async Task Rule_28_the_windows_count_from_a_soft_purge() // stale from that moment
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var row = new Row(edge, "/soft");
        row.Answer(row.Ok("one", "Cache-Control: max-age=3600, stale-if-error=20|ETag: \"a\""), Script.CloseAtOnce());
        await row.GetAsync();
        row.Pass(100);
        Assert.Equal(200, (await row.RequestAsync("PURGE", "Soft-Purge: 1")).Status);
        row.Pass(20);
        Assert.Equal("one", (await row.GetAsync()).Text);
        row.Pass(0.001);
        Assert.Equal(502, (await row.GetAsync()).Status);
    }

    [Theory]
    [InlineData("§5.2.1.1: max-age=0", "max-age=0", 1, "hit", "304")]
    [InlineData("§5.2.1.1: max-age below the age", "max-age=5", 6, "hit", "304")]
    [InlineData("§5.2.1.1: max-age above the age", "max-age=5", 5, "hit", "hit")]
    [InlineData("§5.2.1.2: max-stale", "max-stale", 100, "304", "hit")]
    [InlineData("§5.2.1.2: max-stale to the second", "max-stale=40", 100, "304", "hit")]
    [InlineData("§5.2.1.2: beyond max-stale", "max-stale=39", 100, "304", "304")]
    [InlineData("§5.2.1.3: min-fresh met", "min-fresh=50", 10, "hit", "hit")]
    [InlineData("§5.2.1.3: min-fresh not met", "min-fresh=51", 10, "hit", "304")]
    [InlineData("§5.2.1.4: no-cache", "no-cache", 0, "hit", "304")]
    [InlineData("§5.2.1.7: only-if-cached, fresh", "only-if-cached", 59, "hit", "hit")]
    public async Task Rule_29_request_directives_count_in_rfc9111_only(string clause, string directive, int after, string safe, string rfc9111)
    {
        foreach (var (preset, expected) in new[] { ("safe", safe), ("rfc9111", rfc9111) })
        {
            var outcome = await edges.Row(preset).SecondAsync("Cache-Control: max-age=60|ETag: \"a\"", after, second: "Cache-Control: " + directive);
            Assert.True(expected == outcome, $"{preset}: {clause}: {outcome}");
        }
    }

    [Fact]
    public async Task Rule_29_max_stale_does_not_stand_against_must_revalidate() // RFC 9111 §5.2.2.2
    {
        Assert.Equal("304", await edges.Row("rfc9111").SecondAsync("Cache-Control: max-age=10, must-revalidate|ETag: \"a\"", 11, second: "Cache-Control: max-stale"));
    }

    [Fact]
    public async Task Rule_29_only_if_cached_with_a_stale_response_is_504() // RFC 9111 §5.2.1.7
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Stored("Cache-Control: max-age=10|ETag: \"a\"");
            await row.GetAsync();
            row.Pass(11);
            var answer = await row.GetAsync("Cache-Control: only-if-cached");
            Assert.Equal(504, answer.Status);
            Assert.Contains("detail=only-if-cached", answer.Field("Cache-Status"));
            Assert.Single(row.Asked);
        }
    }
}
