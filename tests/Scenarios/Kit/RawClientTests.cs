using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Kit;

public class RawClientTests
{
    [Fact]
    public async Task An_answer_with_a_length_ends_cleanly()
    {
        await using var origin = ScriptOrigin.Start();
        origin.On("/a").Answer(Answers.Ok("hello", "X-One: 1", "x-two:  2 "));
        await using var client = await RawClient.ConnectAsync(origin.Url);
        var answer = await client.GetAsync("/a");
        Assert.Equal((200, "OK", "hello", BodyEnd.Length), (answer.Status, answer.Reason, answer.Text, answer.End));
        Assert.Equal(["X-One: 1", "x-two: 2", "Content-Length: 5"], answer.Fields.Select(field => field.ToString()));
        Assert.True(answer.EndedCleanly);
    }

    [Fact]
    public async Task A_chunked_answer_has_its_body_its_trailers_and_a_clean_end()
    {
        await using var origin = ScriptOrigin.Start();
        origin.On("/a").Answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Sum: 13\r\n\r\n");
        await using var client = await RawClient.ConnectAsync(origin.Url);
        var answer = await client.GetAsync("/a");
        Assert.Equal(("abc0123456789", BodyEnd.LastChunk, "13"), (answer.Text, answer.End, answer.Trailers.Joined("X-Sum")));
    }

    [Fact]
    public async Task Every_cut_of_a_chunked_answer_is_seen_as_cut()
    {
        var whole = Answers.Chunked(Latin1.Bytes("0123456789abcdef"), chunkSize: 7);
        var head = Latin1.Text(whole).IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        await using var origin = ScriptOrigin.Start();
        foreach (var reset in new[] { false, true })
        {
            for (var cut = head; cut < whole.Length; cut++)
            {
                var script = Script.CutAt(whole, cut);
                origin.On("/a").Answer(reset ? script.Reset() : script.Fin());
                await using var client = await RawClient.ConnectAsync(origin.Url);
                var answer = await client.GetAsync("/a");
                Assert.Equal(reset ? BodyEnd.Reset : BodyEnd.Short, answer.End);
                Assert.True(answer.WasCut);
            }
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", BodyEnd.Short)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nabc", BodyEnd.Close)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n", BodyEnd.Short)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX\r\n0\r\n\r\n", BodyEnd.Malformed)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", BodyEnd.Malformed)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", BodyEnd.NoBody)]
    public async Task The_end_of_a_body_has_one_name(string bytes, BodyEnd expected)
    {
        await using var origin = ScriptOrigin.Start();
        origin.On("/a").Answer(Script.Text(bytes).Fin());
        await using var client = await RawClient.ConnectAsync(origin.Url);
        Assert.Equal(expected, (await client.GetAsync("/a")).End);
    }

    [Theory]
    [InlineData("RFC 9112 §2.2: bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n")]
    [InlineData("RFC 9112 §4: status line", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("RFC 9112 §5.1: space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n")]
    [InlineData("RFC 9112 §5.2: obs-fold", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("RFC 9112 §6.1: both framings", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("RFC 9112 §6.3: two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("RFC 9110 §5.5: control in a value", "HTTP/1.1 200 OK\r\nX: \u0007\r\nContent-Length: 0\r\n\r\n")]
    public async Task A_breach_of_the_protocol_throws(string clause, string bytes)
    {
        await using var origin = ScriptOrigin.Start();
        origin.On("/a").Answer(bytes);
        await using var client = await RawClient.ConnectAsync(origin.Url);
        var breach = await Assert.ThrowsAsync<WireException>(() => client.GetAsync("/a"));
        Assert.True(breach.Message.Length > 0, clause);
    }

    [Fact]
    public async Task Interim_answers_come_before_the_final_one()
    {
        await using var origin = ScriptOrigin.Start();
        origin.On("/a").Answer("HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var client = await RawClient.ConnectAsync(origin.Url);
        var answer = await client.GetAsync("/a");
        Assert.Equal(103, Assert.Single(answer.Interim).Status);
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task Pipelined_requests_get_their_answers_in_order_and_a_HEAD_has_no_body()
    {
        await using var origin = ScriptOrigin.Start();
        origin.On("/a").Answer(Answers.Ok("first"));
        origin.On("/b").Answer(Answers.Head("200 OK", "Content-Length: 77"));
        await using var client = await RawClient.ConnectAsync(origin.Url);
        await client.SendAsync(Requests.Text("GET", "/a") + Requests.Text("HEAD", "/b") + Requests.Text("GET", "/a"));
        Assert.Equal("first", (await client.ReadAnswerAsync()).Text);
        Assert.Equal(BodyEnd.NoBody, (await client.ReadAnswerAsync("HEAD")).End);
        Assert.Equal("first", (await client.ReadAnswerAsync()).Text);
        Assert.Equal([0, 1, 2], origin.Log.All.Select(request => request.Number));
        Assert.Equal(1, origin.Connections);
    }

    [Fact]
    public async Task A_peer_that_ends_without_a_byte_is_a_value()
    {
        await using var origin = ScriptOrigin.Start();
        origin.On("/fin").Answer(Script.CloseAtOnce());
        origin.On("/rst").Answer(Script.ResetAtOnce());
        foreach (var (target, end) in new[] { ("/fin", ConnectionEnd.Closed), ("/rst", ConnectionEnd.Reset) })
        {
            await using var client = await RawClient.ConnectAsync(origin.Url);
            await client.SendAsync(Requests.Text("GET", target));
            Assert.Null(await client.TryReadAnswerAsync());
            Assert.Equal(end, client.PeerEnd);
        }
    }

    [Fact]
    public async Task Silence_throws_when_patience_ends()
    {
        await using var origin = ScriptOrigin.Start();
        origin.On("/a").Answer(Script.NeverAnswer());
        await using var client = await RawClient.ConnectAsync(origin.Url);
        client.Patience = TimeSpan.FromMilliseconds(50);
        Assert.Contains("silent", (await Assert.ThrowsAsync<WireException>(() => client.GetAsync("/a"))).Message, StringComparison.Ordinal);
    }
}
