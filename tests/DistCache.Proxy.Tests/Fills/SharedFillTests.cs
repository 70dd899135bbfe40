using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Fills;

/// <summary>How many fetches a crowd costs the origin where one fill cannot answer everybody.</summary>
public sealed class SharedFillTests
{
    [Fact]
    public async Task However_many_purges_come_two_fills_of_a_key_run_at_once() // purge protocol V1: never one per purge
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var gates = Enumerable.Range(0, 3).Select(_ => new Gate()).ToArray();
        edge.Origin.On("/a").Answer([.. gates.Select((gate, i) => new Script().Wait(gate).Then(Answers.Ok($"v{i}", "Cache-Control: max-age=60")))]);
        var asked = new List<Task<RawAnswer>>();
        for (var i = 0; i < 8; i++)
        {
            asked.Add(edge.GetAsync("/a"));
            if (i < 2)
                await gates[i].Reached;
            await edge.RequestAsync("PURGE", "/a");
        }
        gates[0].Open();
        Assert.Equal("v0", (await asked[0]).Text);
        gates[1].Open();
        Assert.Equal("v1", (await asked[1]).Text);
        gates[2].Open();
        Assert.All(await Task.WhenAll(asked.Skip(2)), answer => Assert.Equal("v2", answer.Text));
        Assert.Equal(3, edge.Fetches("/a"));
    }

    [Fact] // RFC 9111 §4: the most recent response
    public async Task An_answer_that_comes_slowly_does_not_outlive_a_later_one_that_came_sooner()
    {
        await using var edge = await EdgeInProcess.StartAsync("rfc9111");
        var gate = new Gate();
        edge.Origin.On("/a").Answer(_ => edge.Fetches("/a") == 1
            ? new Script().Then(Answers.Head("200 OK", edge.Date, "Cache-Control: max-age=600", "Content-Length: 3")).Then("ol").Wait(gate).Then("d")
            : Answers.Ok("new", edge.Date, "Cache-Control: max-age=600"));
        await using var slow = await edge.ConnectAsync();
        await slow.SendAsync("GET /a HTTP/1.1\r\nHost: test\r\n\r\n");
        await slow.PeekHeadAsync();
        edge.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("new", (await edge.GetAsync("/a", "Cache-Control: no-cache")).Text);
        gate.Open();
        Assert.Equal("old", (await slow.ReadAnswerAsync()).Text); // its own answer, whole: and by now it is stored, or is not
        Assert.Equal("new", (await edge.GetAsync("/a")).Text);
        Assert.Equal(2, edge.Fetches("/a"));
    }

    [Fact] // RFC 9111 §3.4
    public async Task Pieces_that_come_side_by_side_become_one_whichever_ends_first()
    {
        await using var edge = await EdgeInProcess.StartAsync(maxObjectSize: 1000);
        var gate = new Gate();
        edge.Origin.On("/a").Answer(request => request.Field("Range") switch
        {
            null => Script.Bytes(Answers.Ok(new string('x', 2000), edge.Date, "Cache-Control: max-age=600", "ETag: \"a\"")), // too large: ranges of it pass from now on
            "bytes=0-4" => new Script().Then(Piece("0-4")).Then("01").Wait(gate).Then("234"),
            _ => new Script().Then(Piece("5-9")).Then("56789"),
        });
        await edge.GetAsync("/a");
        await using var slow = await edge.ConnectAsync();
        await slow.SendAsync("GET /a HTTP/1.1\r\nHost: test\r\nRange: bytes=0-4\r\n\r\n");
        await slow.PeekHeadAsync();
        edge.Time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal("56789", (await edge.GetAsync("/a", "Range: bytes=5-9")).Text);
        gate.Open();
        Assert.Equal("01234", (await slow.ReadAnswerAsync()).Text);
        var both = await edge.GetAsync("/a", "Range: bytes=3-7");
        Assert.Equal((206, "34567"), (both.Status, both.Text));
        Assert.Equal(3, edge.Fetches("/a"));

        byte[] Piece(string range) => Answers.Head("206 Partial Content", edge.Date, "Cache-Control: max-age=600", "ETag: \"a\"", $"Content-Range: bytes {range}/2000", "Content-Length: 5");
    }

    [Fact]
    public async Task A_cold_crowd_of_two_variants_costs_two_fetches()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var gate = new Gate();
        var german = new Gate();
        edge.Origin.On("/a").Answer(request => new Script().Wait(request.Field("Accept-Language") == "en" ? gate : german)
            .Then(Answers.Ok(request.Field("Accept-Language")!, "Cache-Control: max-age=60", "Vary: Accept-Language")));
        var first = edge.GetAsync("/a", "Accept-Language: en");
        await gate.Reached;
        var crowd = Enumerable.Range(0, 30).Select(i => edge.GetAsync("/a", "Accept-Language: " + (i % 2 == 0 ? "en" : "de"))).ToArray();
        gate.Open();
        await german.Reached;
        german.Open();
        var answers = await Task.WhenAll(crowd);
        for (var i = 0; i < answers.Length; i++)
            Assert.Equal(i % 2 == 0 ? "en" : "de", answers[i].Text);
        Assert.Equal("en", (await first).Text);
        Assert.Equal(2, edge.Fetches("/a"));
    }

    [Fact]
    public async Task A_304_that_nobody_asked_for_is_a_502()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n");
        var answer = await edge.GetAsync("/a");
        Assert.Equal((502, "DistCache; error=http_protocol_error"), (answer.Status, answer.Field("Proxy-Status")));
        Assert.Equal(304, (await edge.GetAsync("/a", "If-None-Match: \"x\"")).Status); // rule 35
    }

    [Fact]
    public async Task A_body_of_unknown_length_that_proves_too_large_marks_its_key()
    {
        await using var edge = await EdgeInProcess.StartAsync(maxObjectSize: 64 << 10);
        var body = new byte[128 << 10];
        edge.Origin.On("/a").Answer(Answers.Chunked(body, 16 << 10, "Cache-Control: max-age=60"));
        Assert.Equal(body.Length, (await edge.GetAsync("/a")).Body.Length);
        var second = await edge.GetAsync("/a");
        Assert.Equal(body.Length, second.Body.Length);
        Assert.Contains("detail=uncacheable-marker", second.Field("Cache-Status"));
    }

    private static readonly byte[] Busy = Answers.WithLength("503 Busy", []);

    [Fact]
    public async Task A_crowd_whose_leader_the_origin_fails_asks_one_after_the_other_until_one_can_answer_all()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var (first, second) = (new Gate(), new Gate());
        edge.Origin.On("/a").Answer(new Script().Wait(first).Then(Busy), new Script().Wait(second).Then(Busy), Answers.Ok("good", "Cache-Control: max-age=60"));
        var leader = edge.GetAsync("/a");
        await first.Reached;
        var crowd = Enumerable.Range(0, 30).Select(_ => edge.GetAsync("/a")).ToArray();
        first.Open();
        await second.Reached;
        second.Open();
        var answers = await Task.WhenAll(crowd);
        Assert.Equal(503, (await leader).Status);
        Assert.Equal((1, 29), (answers.Count(answer => answer.Status == 503), answers.Count(answer => answer.Text == "good")));
        Assert.Equal(3, edge.Fetches("/a"));
    }

    [Fact]
    public async Task An_error_goes_to_nobody_but_who_asked_for_it() // what provokes it may stand in that one request
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var gate = new Gate();
        edge.Origin.On("/a").Answer(request => request.Field("X-Poison") is null
            ? Answers.Ok("good", "Cache-Control: max-age=60")
            : new Script().Wait(gate).Then(Answers.WithLength("500 Poisoned", "poison"u8.ToArray())));
        var attacker = edge.GetAsync("/a", "X-Poison: 1");
        await gate.Reached;
        var others = Enumerable.Range(0, 10).Select(_ => edge.GetAsync("/a")).ToArray();
        gate.Open();
        Assert.Equal("poison", (await attacker).Text);
        Assert.All(await Task.WhenAll(others), answer => Assert.Equal("good", answer.Text));
    }
}
