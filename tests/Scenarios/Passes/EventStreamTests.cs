using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Passes;

/// <summary>Server-sent events and long polling: every piece is seen as soon as the origin sent it, and a client that leaves frees the origin.</summary>
[Collection(PassCollection.Name)]
public class EventStreamTests(PassEdge pass)
{
    private const string Head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n";

    [Theory]
    [InlineData("plain")]
    [InlineData("cached")]
    public async Task Each_event_arrives_before_the_next_is_sent(string kind)
    {
        var (origin, prefix) = pass.Take(kind);
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("GET", prefix + "/events", "Accept: text/event-stream"));
        var connection = await origin.AcceptAsync();
        await connection.ReadHeadAsync();
        await connection.SendAsync(Head);
        for (var i = 0; i < 20; i++)
        {
            var chunk = Answers.Chunk(Latin1.Bytes($"data: {i}\n\n"));
            await connection.SendAsync(chunk);
            if (i == 0)
                Assert.Equal("text/event-stream", (await client.ReadHeadAsync()).Fields.Joined("Content-Type"));
            Assert.Equal(Latin1.Text(chunk), Latin1.Text(await client.ReadBytesAsync(chunk.Length)));
        }
    }

    [Fact]
    public async Task Each_event_arrives_before_the_next_is_sent_on_HTTP2()
    {
        var (origin, prefix) = pass.Take("cached");
        await using var client = await pass.Edge.ConnectHttp2Async();
        var stream = await client.StartGetAsync(prefix + "/events", "accept: text/event-stream");
        var connection = await origin.AcceptAsync();
        await connection.ReadHeadAsync();
        await connection.SendAsync(Head);
        for (var i = 1; i <= 20; i++)
        {
            await connection.SendAsync(Answers.Chunk(Latin1.Bytes($"data: {i:00}\n\n")));
            await client.WaitForBodyAsync(stream, i * 10);
        }
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("cached")]
    public async Task The_head_of_a_stream_without_an_event_yet_is_not_held_back(string kind)
    {
        var (origin, prefix) = pass.Take(kind);
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("GET", prefix + "/quiet", "Accept: text/event-stream"));
        var connection = await origin.AcceptAsync();
        await connection.ReadHeadAsync();
        await connection.SendAsync(Head);
        client.Patience = TimeSpan.FromSeconds(5);
        Assert.Equal(200, (await client.ReadHeadAsync()).Status);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("cached")]
    public async Task A_client_that_leaves_ends_the_origins_request(string kind)
    {
        var (origin, prefix) = pass.Take(kind);
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("GET", prefix + "/left", "Accept: text/event-stream"));
        var connection = await origin.AcceptAsync();
        await connection.ReadHeadAsync();
        await connection.SendAsync(Head + "a\r\ndata: 000\n\r\n");
        await client.ReadHeadAsync();
        client.Reset();
        await connection.ReadEndAsync();
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("cached")]
    public async Task Streams_of_one_URL_are_apart_from_each_other(string kind)
    {
        var (origin, prefix) = pass.Take(kind);
        await using var one = await pass.Edge.ConnectAsync();
        await using var other = await pass.Edge.ConnectAsync();

        // Neither has an answer yet: the second must not wait for what becomes of the first.
        await one.SendAsync(Requests.Text("GET", prefix + "/two", "Accept: text/event-stream"));
        var first = await origin.AcceptAsync();
        await other.SendAsync(Requests.Text("GET", prefix + "/two", "Accept: text/event-stream"));
        var second = await origin.AcceptAsync();
        await Task.WhenAll(first.ReadHeadAsync(), second.ReadHeadAsync());
        await second.SendAsync(Head + "2\r\nbb\r\n");
        await other.ReadHeadAsync();
        Assert.Equal("2\r\nbb\r\n", Latin1.Text(await other.ReadBytesAsync(7)));
        await first.SendAsync(Head + "2\r\naa\r\n");
        await one.ReadHeadAsync();
        Assert.Equal("2\r\naa\r\n", Latin1.Text(await one.ReadBytesAsync(7)));
    }

    [Fact]
    public async Task A_cut_stream_is_cut_for_the_client_too()
    {
        var (origin, prefix) = pass.Take("cached");
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("GET", prefix + "/cut", "Accept: text/event-stream"));
        var connection = await origin.AcceptAsync();
        await connection.ReadHeadAsync();
        await connection.SendAsync(Head + "2\r\naa\r\n");
        await client.PeekHeadAsync();
        connection.Reset();
        Assert.True((await client.ReadAnswerAsync()).WasCut);
    }
}
