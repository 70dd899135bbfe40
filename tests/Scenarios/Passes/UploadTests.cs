using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Passes;

/// <summary>Uploads: the origin's pace is the client's, Expect is answered when the origin can take the body, and an early answer is not lost.</summary>
[Collection(PassCollection.Name)]
public class UploadTests(PassEdge pass)
{
    [Fact]
    public async Task With_Expect_the_body_is_asked_for_and_the_origins_answer_comes_RFC_9110_10_1_1()
    {
        var (origin, prefix) = pass.Take("cached");
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("PUT", prefix + "/asked", "Content-Length: 5", "Expect: 100-continue"));
        var connection = await origin.AcceptAsync();
        await connection.ReadHeadAsync();
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", Latin1.Text(await client.ReadBytesAsync(25)));
        await client.SendAsync("hello");
        Assert.Equal("hello", Latin1.Text(await connection.ReadAsync(5)));
        await connection.SendAsync(Answers.WithLength("201 Created", Latin1.Bytes("made")));
        Assert.Equal((201, "made"), await client.ReadAnswerAsync("PUT") is var answer ? (answer.Status, answer.Text) : default);
    }

    [Theory]
    [InlineData("401 Unauthorized")]
    [InlineData("413 Content Too Large")]
    [InlineData("417 Expectation Failed")]
    public async Task An_origin_that_refuses_before_the_body_is_heard_before_the_body_is_sent(string status)
    {
        var (origin, prefix) = pass.Take("cached");
        await using var client = await pass.Edge.ConnectAsync();
        client.Patience = TimeSpan.FromSeconds(10);
        await client.SendAsync(Requests.Text("PUT", prefix + "/refused", "Content-Length: 1000000", "Expect: 100-continue"));
        var connection = await origin.AcceptAsync();
        await connection.ReadHeadAsync();
        await connection.SendAsync(Answers.WithLength(status, Latin1.Bytes("no"), "Connection: close"));
        connection.HalfClose();
        var answer = await client.ReadAnswerAsync("PUT");
        Assert.Equal((status, "no"), ($"{answer.Status} {answer.Reason}", answer.Text));
        Assert.Empty(answer.Interim);

        // Whether the body still comes only the client knows: what follows must not be taken for it, nor for a request.
        Assert.NotEqual(ConnectionEnd.Open, await client.ReadEndAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_early_answer_is_not_lost(bool chunked)
    {
        var (origin, prefix) = pass.Take("cached");
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("POST", prefix + "/early", chunked ? "Transfer-Encoding: chunked" : "Content-Length: 2000"));
        var piece = chunked ? Answers.Chunk(new byte[1000]) : new byte[1000];
        await client.SendAsync(piece);
        var connection = await origin.AcceptAsync();
        await connection.ReadHeadAsync();
        await connection.SendAsync(Answers.WithLength("413 Content Too Large", Latin1.Bytes("too much")));

        // HttpClient reads no answer on HTTP/1.1 before it has sent the whole request.
        await client.SendAsync(piece);
        if (chunked)
            await client.SendAsync("0\r\n\r\n");
        var answer = await client.ReadAnswerAsync("POST");
        Assert.Equal((413, "too much"), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task A_client_that_leaves_within_its_upload_ends_the_origins_request()
    {
        var (origin, prefix) = pass.Take("cached");
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("POST", prefix + "/left", "Content-Length: 1000"));
        await client.SendAsync(new byte[10]);
        var connection = await origin.AcceptAsync();
        await connection.ReadHeadAsync();
        Assert.Equal(10, (await connection.ReadAsync(10)).Length);
        client.Reset();
        await connection.ReadEndAsync();
    }
}
