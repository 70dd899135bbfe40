using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Wire;

/// <summary>Answers of a broken or hostile origin: never a clean end of a cut body, never another request's answer, nothing stored of it.</summary>
[Collection(WireCollection.Name)]
public class OriginAnswerTests(WireEdge wire)
{
    private const string Fresh = "Cache-Control: max-age=60\r\n";

    [Theory]
    [InlineData("RST within a body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", true)]
    [InlineData("FIN within a Content-Length", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", false)]
    [InlineData("FIN within a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", false)]
    [InlineData("FIN before the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", false)]
    [InlineData("FIN before the end of the trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n", false)]
    [InlineData("a chunk size that is no number", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n", false)]
    public async Task A_cut_body_is_cut_for_the_client_as_well_and_is_not_stored(string name, string bytes, bool resets)
    {
        var target = Serve(name, resets ? Script.Text(WithFresh(bytes)).Reset() : Script.Text(WithFresh(bytes)).Fin());
        await wire.RunAsync(async () =>
        {
            for (var i = 0; i < 2; i++)
            {
                await using var client = await wire.Edge.ConnectAsync();
                await client.SendAsync(Requests.Text("GET", target));
                var answer = await client.TryReadAnswerAsync();
                Assert.True(answer is null || answer.WasCut || answer.Status is 502, $"{name}: {answer}");
            }
        });
        Assert.True(wire.Origin.Requests(target).Count >= 2, $"{name}: it was stored");
    }

    [Theory]
    [InlineData("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nabc")]
    [InlineData("HTTP/1.1", "HTTP/1.1 200 OK\r\n\r\nabc")]
    public async Task A_body_that_only_the_close_ends_passes_and_is_never_stored(string version, string bytes)
    {
        var target = Serve($"close-delimited {version}", Script.Text(WithFresh(bytes)).Fin());
        var reached = await wire.RunAsync(async () =>
        {
            for (var i = 0; i < 2; i++)
                Assert.Equal((200, "abc", false), await wire.Edge.GetAsync(target) is var answer ? (answer.Status, answer.Text, answer.IsHit()) : default);
        });
        Assert.Equal(2, reached.Count);
    }

    [Theory]
    [InlineData("Content-Length and Transfer-Encoding together", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: gzip, chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("two lengths that disagree", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")]
    [InlineData("garbage", "\x16\x03\x01garbage\r\n\r\n")]
    [InlineData("a status line that is none", "HTTP/1.1 OK\r\n\r\n")]
    [InlineData("a space in a field name", "HTTP/1.1 200 OK\r\nX Y: z\r\nContent-Length: 0\r\n\r\n")]
    public async Task An_answer_that_is_no_sound_HTTP_is_502_and_is_not_stored(string name, string bytes)
    {
        var target = Serve(name, Script.Text(WithFresh(bytes)).Fin());
        await wire.RunAsync(async () =>
        {
            for (var i = 0; i < 2; i++)
            {
                var answer = await wire.Edge.GetAsync(target);
                Assert.True(answer.Status == 502 && !answer.IsHit(), $"{name}: {answer}");
            }
        });
    }

    [Fact]
    public async Task A_head_of_70_KB_is_502()
    {
        var target = Serve("70 KB", Script.Text($"HTTP/1.1 200 OK\r\nX: {new string('y', 70 * 1024)}\r\nContent-Length: 0\r\n\r\n").Fin());
        await wire.RunAsync(async () => Assert.Equal(502, (await wire.Edge.GetAsync(target)).Status));
    }

    [Fact]
    public async Task Two_equal_lengths_are_one_or_502_never_both()
    {
        var target = Serve("two equal lengths", WithFresh("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"));
        await wire.RunAsync(async () =>
        {
            var answer = await wire.Edge.GetAsync(target);
            Assert.True(answer is { Status: 200, Text: "abc", EndedCleanly: true } or { Status: 502 }, answer.ToString());
        });
    }

    [Fact]
    public async Task A_bare_LF_in_a_head_never_reaches_the_client_as_one()
    {
        // HttpClient takes the LF for a line's end: what follows is a field of its own. Ours is only that the client gets sound lines.
        var target = Serve("bare LF", WithFresh("HTTP/1.1 200 OK\r\nX: a\nY: b\r\nContent-Length: 3\r\n\r\nabc"));
        await wire.RunAsync(async () => Assert.Contains((await wire.Edge.GetAsync(target)).Status, new[] { 200, 502 }));
    }

    [Fact]
    public async Task Two_thousand_interim_answers_do_no_harm()
    {
        var target = Serve("2000 x 103", string.Concat(Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 2000)) + Latin1.Text(Answers.Ok("after")));
        await wire.RunAsync(async () =>
        {
            var answer = await wire.Edge.GetAsync(target);
            Assert.True(answer is { Status: 200, Text: "after" } or { Status: 502 }, answer.ToString());
        });
    }

    [Theory]
    [InlineData("GET", "abcEXTRA")]
    [InlineData("GET", "abcHTTP/1.1 200 OK\r\nContent-Length: 6\r\nCache-Control: max-age=60\r\n\r\npoison")]
    [InlineData("POST", "abcHTTP/1.1 200 OK\r\nContent-Length: 6\r\nCache-Control: max-age=60\r\n\r\npoison")]
    public async Task Bytes_after_the_body_are_never_another_requests_answer(string method, string body)
    {
        var target = $"/extra/{method}/{body.Length}";
        wire.Origin.On(target).Answer($"HTTP/1.1 200 OK\r\n{Fresh}Content-Length: 3\r\n\r\n{body}");
        await wire.RunAsync(async () =>
        {
            await using var client = await wire.Edge.ConnectAsync();
            for (var i = 0; i < 20; i++)
            {
                var broken = await client.RequestAsync(method, target, method == "POST" ? ["Content-Length: 0"] : []);
                Assert.Equal((200, "abc"), (broken.Status, broken.Text));
                var next = await client.GetAsync($"{target}/next/{i}");
                Assert.Equal((200, $"clean {target}/next/{i}"), (next.Status, next.Text));
            }
        });
    }

    [Theory]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc", 204)]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", 304)]
    public async Task A_status_without_a_body_has_none_whatever_the_length_says_RFC_9112_6_3(string bytes, int status)
    {
        var target = Serve($"no body {status}", Script.Text(bytes).Fin());
        await wire.RunAsync(async () =>
        {
            var answer = await wire.Edge.GetAsync(target);
            Assert.True(answer.Status == status || answer.Status == 502, answer.ToString());
            Assert.Equal(0, answer.Status == status ? answer.BodyLength : 0);
        });
    }

    [Fact]
    public async Task An_origin_that_closes_without_a_byte_is_502()
    {
        var target = Serve("closes at once", Script.CloseAtOnce());
        await wire.RunAsync(async () => Assert.Equal(502, (await wire.Edge.GetAsync(target)).Status));
    }

    private static string WithFresh(string bytes)
    {
        var end = bytes.IndexOf("\r\n", StringComparison.Ordinal) + 2;
        return bytes.StartsWith("HTTP/", StringComparison.Ordinal) ? bytes.Insert(end, Fresh) : bytes;
    }

    private string Serve(string name, Script script)
    {
        var target = $"/broken/{Uri.EscapeDataString(name)}";
        wire.Origin.On(target).Answer(script);
        return target;
    }
}
