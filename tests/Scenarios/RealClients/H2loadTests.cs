using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.RealClients;

/// <summary>h2load: many streams on few connections, every answer counted by somebody else's client.</summary>
public sealed class H2loadTests
{
    private const int Requests = 3_000;

    [Theory]
    [InlineData("")]
    [InlineData("--h1")]
    public async Task Every_request_is_answered_and_the_origin_is_asked_once_for_each_page(string protocol)
    {
        await using var origin = ScriptOrigin.Start();
        origin.Others.Answer(Answers.Ok(Bodies.Random(5_000), "Cache-Control: max-age=600"));
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart { Origin = origin.Url, Tls = true });
        var pages = Enumerable.Range(0, 10).Select(i => $"https://127.0.0.1:{edge.TlsPort}/{i}");
        var said = await Tool.RunAsync("h2load", [.. protocol.Split(' ', StringSplitOptions.RemoveEmptyEntries), "-n", $"{Requests}", "-c", "8", "-m", "20", .. pages]);
        Assert.Contains($"{Requests} succeeded, 0 failed, 0 errored, 0 timeout", said, StringComparison.Ordinal);
        Assert.Contains($"status codes: {Requests} 2xx, 0 3xx, 0 4xx, 0 5xx", said, StringComparison.Ordinal);
        Assert.Contains(protocol == "" ? "Application protocol: h2" : "Application protocol: http/1.1", said, StringComparison.Ordinal);
        Assert.All(Enumerable.Range(0, 10), i => Assert.Single(origin.Requests($"/{i}")));
    }
}
