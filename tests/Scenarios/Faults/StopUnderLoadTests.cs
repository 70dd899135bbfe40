using System.Diagnostics;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Faults;

/// <summary>F24: SIGTERM while requests are being answered.</summary>
public class StopUnderLoadTests
{
    private const int Clients = 8;
    private static readonly byte[] Body = Bodies.Random(300_000);

    [Fact]
    public async Task F24_what_has_begun_is_finished_and_the_process_ends_by_itself()
    {
        await using var origin = ScriptOrigin.Start();
        var gate = new Gate();
        var whole = Answers.Ok(Body, "Cache-Control: max-age=600");
        origin.On("/slow").Answer(Script.CutAt(whole, 100_000).Wait(gate).Then(whole[100_000..]));
        origin.Others.Answer(whole);
        await using var edge = await EdgeProcess.StartAsync(origin.Url);

        var slow = new List<(RawClient Client, AnswerHead Head)>();
        for (var i = 0; i < 5; i++)
        {
            var client = await edge.ConnectAsync();
            await client.SendAsync(Requests.Text("GET", "/slow"));
            slow.Add((client, await client.ReadHeadAsync()));
        }

        var answered = 0;
        var loads = Enumerable.Range(0, Clients).Select(worker => Task.Run(async () =>
        {
            await using var client = await edge.ConnectAsync();
            for (var i = 0; ; i++)
            {
                await client.SendAsync(Requests.Text("GET", $"/{worker}/{i % 20}"));
                // Null: closed before a byte of an answer, which says that the request was not taken.
                if (await client.TryReadAnswerAsync() is not { } answer)
                    return;
                Assert.True(answer is { Status: 200, EndedCleanly: true } && Body.AsSpan().SequenceEqual(answer.Body), $"cut: {answer.Status} {answer.End} {answer.BodyLength}");
                Interlocked.Increment(ref answered);
                if (answer.Field("Connection") == "close")
                    return;
            }
        })).ToArray();
        while (Volatile.Read(ref answered) < 200)
            await Task.Delay(10, TestContext.Current.CancellationToken); // load must be under way; nothing signals that

        var told = Stopwatch.StartNew();
        edge.Process.Send(Signal.Terminate);
        await Task.WhenAll(loads).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.False(edge.Process.HasExited, "it ended before what it had begun");
        gate.Open();
        foreach (var (client, head) in slow)
        {
            var answer = await client.ReadBodyAsync(head);
            Assert.True(answer.EndedCleanly && Body.AsSpan().SequenceEqual(answer.Body), $"cut: {answer.End} {answer.BodyLength}");
            await client.DisposeAsync();
        }

        Assert.Equal(0, await edge.Process.WaitForExitAsync(TimeSpan.FromSeconds(30)));
        Assert.True(told.Elapsed < TimeSpan.FromSeconds(30), $"{told.Elapsed}");
    }

    [Fact]
    public async Task A_fill_whose_client_has_left_is_finished_before_the_process_ends()
    {
        await using var origin = ScriptOrigin.Start();
        var gate = new Gate();
        var whole = Answers.Ok(Body, "Cache-Control: max-age=600");
        origin.On("/slow").Answer(Script.CutAt(whole, 100_000).Wait(gate).Then(whole[100_000..]));
        await using var edge = await EdgeProcess.StartAsync(origin.Url);
        await using (var client = await edge.ConnectAsync())
        {
            await client.SendAsync(Requests.Text("GET", "/slow"));
            await client.ReadHeadAsync();
        }

        edge.Process.Send(Signal.Terminate);
        using var admin = new HttpClient();
        await Eventually.TrueAsync(async () => await admin.GetAsync(new Uri(edge.AdminUrl, "/readyz"), TestContext.Current.CancellationToken) is { StatusCode: System.Net.HttpStatusCode.ServiceUnavailable });

        // Its last client is gone and its port closed: only the fill keeps it.
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await using var refused = await edge.ConnectAsync();
                return false;
            }
            catch (System.Net.Sockets.SocketException)
            {
                return true;
            }
        });
        await Assert.ThrowsAsync<WireException>(() => edge.Process.WaitForExitAsync(TimeSpan.FromSeconds(1)));
        gate.Open();
        Assert.Equal(0, await edge.Process.WaitForExitAsync(TimeSpan.FromSeconds(20)));
        Assert.DoesNotContain("cut off", edge.Process.Output, StringComparison.Ordinal);
    }
}
