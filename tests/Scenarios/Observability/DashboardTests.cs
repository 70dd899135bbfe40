using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Observability;

/// <summary>Every metric and label value that the dashboard and the alerts speak of is one that an edge exports.</summary>
public sealed partial class DashboardTests
{
    [Fact]
    public async Task Dashboard_and_alerts_name_only_what_a_real_edge_exports()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var redis = await RedisProcess.StartAsync();
        await using var origin = ScriptOrigin.Start();
        origin.On("/page").Answer(Answers.Ok("page", "Cache-Control: max-age=60"));
        origin.On("/closed").Answer(Script.CloseAtOnce());
        using var folder = new TemporaryFolder();
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart
        {
            Origin = origin.Url,
            Tls = true,
            Environment = new Dictionary<string, string?>
            {
                ["DistCache__AccessLog__File"] = Path.Combine(folder.Path, "access.log"),
                ["DistCache__Shared__Redis"] = redis.ConnectionString,
                ["DistCache__PurgeLog__Lease"] = "500ms",
            },
        });
        using var http = new HttpClient();
        await ScrapeAsync();
        foreach (var target in new[] { "/page", "/page", "/closed", "/%zz" })
            await edge.GetAsync(target);
        await using (var client = await edge.ConnectAsync())
            await client.RequestAsync("PURGE", "/page");
        using (var purge = new StringContent("""{"urls": ["http://test/page"], "wait": "all"}"""))
        using (var answer = await http.PostAsync(new Uri(edge.AdminUrl, "/api/v1/purges"), purge, TestContext.Current.CancellationToken))
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode); // complete
        await edge.GetAsync("/page"); // it is written to the shared tier behind the answer
        await Eventually.TrueAsync(async () => (await ScrapeAsync()).Contains("op=\"write\"", StringComparison.Ordinal));
        var exported = Name().Matches(await ScrapeAsync()).Select(match => match.Value).ToHashSet();

        var config = Path.Combine(Repository.Root, "config", "observability");
        using var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(config, "grafana-dashboard.json"), TestContext.Current.CancellationToken));
        var expressions = dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .Where(panel => panel.TryGetProperty("targets", out _))
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray().Select(target => target.GetProperty("expr").GetString()!))
            .Concat(File.ReadLines(Path.Combine(config, "prometheus-alerts.yml")).Select(line => line.Trim()).Where(line => line.StartsWith("expr:", StringComparison.Ordinal)))
            .ToArray();
        Assert.True(expressions.Length > 25);
        var named = expressions.SelectMany(expression => Metric().Matches(expression)).Select(match => match.Value).ToHashSet();
        Assert.Subset(exported, named);

        Task<string> ScrapeAsync() => http.GetStringAsync(new Uri(edge.AdminUrl, "/metrics"), TestContext.Current.CancellationToken);
    }

    [GeneratedRegex(@"^\w+", RegexOptions.Multiline)]
    private static partial Regex Name();

    [GeneratedRegex(@"\b(distcache|kestrel|dotnet|http)_\w+")]
    private static partial Regex Metric();
}
