using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Observability;

/// <summary>A27: what is private in a request or an answer is in no log and no metric.</summary>
public sealed class CanaryTests
{
    private const string Canary = "CANARY-7f3a";

    [Theory]
    [InlineData("json")]
    [InlineData("combined")]
    public async Task What_is_private_is_in_no_log_and_no_metric(string format)
    {
        await using var origin = ScriptOrigin.Start();
        origin.On("/page").Answer(Answers.Ok(Canary + "-body", "Cache-Control: max-age=60", $"Cache-Tag: {Canary}-tag", "ETag: \"1\""));
        origin.On("/private").Answer(Answers.Ok(Canary + "-body", "Cache-Control: private", $"Set-Cookie: id={Canary}"));
        origin.On("/closed").Answer(Script.CloseAtOnce());
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "access.log");
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart
        {
            Origin = origin.Url,
            Environment = new Dictionary<string, string?> { ["DistCache__AccessLog__File"] = file, ["DistCache__AccessLog__Format"] = format },
        });
        string[] secrets = [$"Cookie: id={Canary}", $"Authorization: Bearer {Canary}", $"Referer: http://elsewhere/?q={Canary}", $"X-Private: {Canary}"];
        var requests = 0;
        foreach (var target in new[] { "/page", "/page", "/private", "/closed", "/missing" })
        {
            await edge.GetAsync($"{target}?secret={Canary}", secrets);
            requests++;
        }
        await edge.GetAsync($"/%zz?secret={Canary}", secrets);
        await using (var purging = await edge.ConnectAsync())
            await purging.RequestAsync("PURGE", "/page", $"Cache-Tag: {Canary}-tag");
        requests += 2;

        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri(edge.AdminUrl, "/metrics"), TestContext.Current.CancellationToken);
        edge.Process.Send(Signal.Terminate);
        await edge.Process.WaitForExitAsync(TimeSpan.FromSeconds(20));
        var log = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

        Assert.Equal(requests, log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("/page", log, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, log, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("distcache_requests_total", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, metrics, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Canary, edge.Process.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Lines_go_on_into_the_new_file_when_the_old_one_is_moved_and_the_process_is_told()
    {
        await using var origin = ScriptOrigin.Start();
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "access.log");
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart { Origin = origin.Url, Environment = new Dictionary<string, string?> { ["DistCache__AccessLog__File"] = file } });
        await edge.GetAsync("/before");
        await WaitForAsync(file, "/before");
        File.Move(file, file + ".1");
        edge.Process.Send(Signal.HangUp);
        for (var asked = 0; !File.Exists(file) || !(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Contains("/after", StringComparison.Ordinal); asked++)
        {
            Assert.True(asked < 400);
            await edge.GetAsync("/after");
            await Task.Delay(TimeSpan.FromMilliseconds(25), TestContext.Current.CancellationToken); // the file is written behind the answer
        }
        Assert.Contains("/before", await File.ReadAllTextAsync(file + ".1", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static async Task WaitForAsync(string file, string text)
    {
        for (var asked = 0; !(await File.ReadAllTextAsync(file)).Contains(text, StringComparison.Ordinal); asked++)
        {
            Assert.True(asked < 400);
            await Task.Delay(TimeSpan.FromMilliseconds(25)); // another process writes it
        }
    }
}
