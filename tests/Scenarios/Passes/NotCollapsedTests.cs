using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Passes;

/// <summary>A pass is neither looked up nor collapsed nor stored: every request is a request to the origin.</summary>
[Collection(PassCollection.Name)]
public class NotCollapsedTests(PassEdge pass)
{
    [Theory]
    [InlineData("GET", "plain")]
    [InlineData("HEAD", "plain")]
    [InlineData("POST", "plain")]
    [InlineData("POST", "cached")]
    [InlineData("PUT", "cached")]
    [InlineData("DELETE", "cached")]
    [InlineData("OPTIONS", "cached")]
    [InlineData("PATCH", "cached")]
    public async Task Two_same_requests_at_once_are_two_requests_to_the_origin(string method, string kind)
    {
        var (origin, prefix) = pass.Take(kind);
        await using var one = await pass.Edge.ConnectAsync();
        await using var other = await pass.Edge.ConnectAsync();
        string[] fields = method is "GET" or "HEAD" ? [] : ["Content-Length: 0"];
        await one.SendAsync(Requests.Text(method, prefix + "/same", fields));
        var first = await origin.AcceptAsync();
        await other.SendAsync(Requests.Text(method, prefix + "/same", fields));
        var second = await origin.AcceptAsync();

        // Both are here before either has an answer.
        await Task.WhenAll(first.ReadHeadAsync(), second.ReadHeadAsync());
        await Task.WhenAll(AnswerAsync(first, method, "aa"), AnswerAsync(second, method, "bb"));
        var answers = new[] { await one.ReadAnswerAsync(method), await other.ReadAnswerAsync(method) };
        Assert.All(answers, answer => Assert.Equal((200, false, false), (answer.Status, answer.IsHit(), answer.IsCollapsed())));
        Assert.Equal(method == "HEAD" ? ["", ""] : ["aa", "bb"], answers.Select(answer => answer.Text).Order());
    }

    [Fact]
    public async Task Without_a_policy_nothing_is_stored_however_fresh_it_is()
    {
        var (origin, prefix) = pass.Take();
        await using var client = await pass.Edge.ConnectAsync();
        HandConnection? connection = null;
        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync(Requests.Text("GET", prefix + "/fresh"));
            connection ??= await origin.AcceptAsync();
            await connection.ReadHeadAsync();
            await AnswerAsync(connection, "GET", $"{i}");
            Assert.Equal($"{i}", (await client.ReadAnswerAsync()).Text);
        }
    }

    [Fact]
    public async Task Each_piece_of_a_passed_body_is_seen_at_once()
    {
        var (origin, prefix) = pass.Take();
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("GET", prefix + "/pieces"));
        var connection = await origin.AcceptAsync();
        await connection.ReadHeadAsync();
        await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 50\r\nCache-Control: max-age=600\r\n\r\n");
        for (var i = 0; i < 50; i++)
        {
            await connection.SendAsync("x");
            if (i == 0)
                await client.ReadHeadAsync();
            Assert.Equal("x", Latin1.Text(await client.ReadBytesAsync(1)));
        }
    }

    [Fact]
    public async Task Each_piece_of_an_upload_reaches_the_origin_before_the_next_is_sent()
    {
        var (origin, prefix) = pass.Take("cached");
        await using var client = await pass.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("POST", prefix + "/pieces", "Content-Length: 50"));
        var connection = await origin.AcceptAsync();
        await connection.ReadHeadAsync();
        for (var i = 0; i < 50; i++)
        {
            await client.SendAsync("x");
            Assert.Equal("x", Latin1.Text(await connection.ReadAsync(1)));
        }

        await connection.SendAsync(Answers.Ok("thanks"));
        Assert.Equal("thanks", (await client.ReadAnswerAsync("POST")).Text);
    }

    private static Task AnswerAsync(HandConnection connection, string method, string text) => connection.SendAsync(method == "HEAD"
        ? Answers.Head("200 OK", "Cache-Control: max-age=600", "Content-Length: 2")
        : Answers.Ok(text, "Cache-Control: max-age=600"));
}
