using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Kit;

public class ScriptOriginTests
{
    [Fact]
    public async Task Every_byte_of_a_request_is_in_the_log_chunk_framing_included()
    {
        const string text = "POST /a?q HTTP/1.1\r\nHost: h\r\nx:  y\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n";
        await using var origin = ScriptOrigin.Start();
        origin.On("/a").Answer(Answers.Ok("x"));
        await using var client = await RawClient.ConnectAsync(origin.Url);
        await client.SendAsync(text);
        await client.ReadAnswerAsync("POST");
        var request = Assert.Single(origin.Requests("/a"));
        Assert.Equal(text, request.Text);
        Assert.Equal("abcde", Latin1.Text(request.Body));
    }

    [Fact]
    public async Task A_gate_holds_the_rest_of_an_answer_until_it_is_opened()
    {
        var gate = new Gate();
        await using var origin = ScriptOrigin.Start();
        origin.On("/a").Answer(Script.Text("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc").Wait(gate).Then("def"));
        await using var client = await RawClient.ConnectAsync(origin.Url);
        await client.SendAsync(Requests.Text("GET", "/a"));
        var head = await client.ReadHeadAsync();
        Assert.Equal("abc", Latin1.Text(await client.ReadBytesAsync(3)));
        await gate.Reached;
        gate.Open();
        Assert.Equal("def", Latin1.Text(await client.ReadBytesAsync(3)));
        Assert.Equal(200, head.Status);
    }

    [Fact]
    public async Task Scripts_in_turn_are_played_once_each_and_the_last_one_stays()
    {
        await using var origin = ScriptOrigin.Start();
        origin.On("/a").Answer(Answers.Ok("1"), Answers.Ok("2"));
        await using var client = await RawClient.ConnectAsync(origin.Url);
        var bodies = new List<string>();
        for (var i = 0; i < 3; i++)
            bodies.Add((await client.GetAsync("/a")).Text);
        Assert.Equal(["1", "2", "2"], bodies);
        Assert.Equal(404, (await client.GetAsync("/other")).Status);
    }

    [Fact]
    public async Task An_early_answer_does_not_wait_for_the_body()
    {
        await using var origin = ScriptOrigin.Start();
        origin.On("/a").Early().Answer(Answers.WithLength("413 Content Too Large", []));
        await using var client = await RawClient.ConnectAsync(origin.Url);
        await client.SendAsync("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
        Assert.Equal(413, (await client.ReadAnswerAsync("POST")).Status);
        await client.SendAsync("cde" + Requests.Text("GET", "/b"));
        Assert.Equal(404, (await client.ReadAnswerAsync()).Status);
        Assert.Equal("abcde", Latin1.Text(origin.Requests("/a")[0].Body));
    }

    [Fact]
    public async Task A_peer_that_leaves_while_the_origin_stands_at_a_gate_is_seen()
    {
        var gate = new Gate();
        await using var origin = ScriptOrigin.Start();
        origin.On("/a").Answer(new Script().Wait(gate).Then(Answers.Ok("late")));
        var client = await RawClient.ConnectAsync(origin.Url);
        await client.SendAsync(Requests.Text("GET", "/a"));
        await gate.Reached;
        client.Reset();
        await origin.Requests("/a")[0].Abandoned.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        gate.Open();
    }
}
