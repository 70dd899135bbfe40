using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Faults;

/// <summary>Rule 22: writes are answered at once and told to the other edges a moment later. A stop in between keeps nothing to itself.</summary>
public class WritesBeforeStopTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task F24_what_writes_have_made_invalid_is_in_the_log_before_the_edge_leaves_or_it_says_what_is_not(bool logAnswers)
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var redis = await RedisProcess.StartAsync();
        await using var origin = ScriptOrigin.Start();
        origin.Others.Answer(Answers.Ok("done", "Cache-Control: max-age=600"));
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart
        {
            Origin = origin.Url,
            Environment = new Dictionary<string, string?>
            {
                ["DistCache__PurgeLog__Redis"] = redis.ConnectionString,
                ["DistCache__Node__DrainTime"] = "2s",
            },
        });
        if (!logAnswers)
            await redis.KillAsync();
        await using var client = await edge.ConnectAsync();
        foreach (var path in (string[])["/first", "/second", "/third"])
        {
            await client.SendAsync(Requests.Text("POST", path, "Content-Length: 0"));
            Assert.Equal(200, (await client.ReadAnswerAsync()).Status);
        }

        edge.Process.Send(Signal.Terminate);
        Assert.Equal(0, await edge.Process.WaitForExitAsync(TimeSpan.FromSeconds(30)));
        var told = logAnswers ? await redis.CommandAsync("ZRANGE", "dc1:{purges}:log", "0", "-1") : edge.Process.Output;
        foreach (var path in (string[])["/first", "/second", "/third"])
            Assert.Contains(path, told, StringComparison.Ordinal);
        Assert.Equal(!logAnswers, edge.Process.Output.Contains("other nodes may serve it until it expires", StringComparison.Ordinal));
    }
}
