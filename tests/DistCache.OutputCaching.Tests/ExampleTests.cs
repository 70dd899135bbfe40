using System.Net;
using System.Text.RegularExpressions;
using DistCache.TestKit;

namespace DistCache.OutputCaching.Tests;

/// <summary>
/// The example in config/examples/output-caching as two processes: each command of its first lines, in their order, as it is written there but for the ports (and a
/// lease that a test can wait for).
/// </summary>
public sealed partial class ExampleTests : IDisposable
{
    private const string Name = "DistCache.Examples.OutputCaching";
    private static readonly string Folder = Path.Combine(Repository.Root, "config", "examples", "output-caching");
    private readonly Dictionary<string, int> _ports = [];
    private readonly HttpClient _http = new();

    [Fact]
    public async Task A_page_is_served_shared_and_evicted_by_its_tag_as_the_example_says()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var redis = await RedisProcess.StartAsync();
        _ports["6379"] = redis.Port;
        var lines = await File.ReadAllLinesAsync(Path.Combine(Folder, "Program.cs"), TestContext.Current.CancellationToken);
        var starts = lines.Select(line => Start().Match(line)).Where(start => start.Success).ToArray();
        Assert.Equal(2, starts.Length);
        await using var one = Run(starts[0].Groups["arguments"].Value);
        await using var two = Run(starts[1].Groups["arguments"].Value);
        var asks = lines.Select(line => Curl().Match(line)).Where(ask => ask.Success).ToArray();
        Assert.Equal(4, asks.Length);
        await WithLeaseAsync(asks[0]);
        await WithLeaseAsync(asks[1]);

        var before = await PagesAsync(redis);
        var page = await AskAsync(asks[0]);
        Assert.StartsWith("product 7, rendered by shop-1, number ", page, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => await PagesAsync(redis) > before); // it is written behind the answer
        Assert.Equal(page, await AskAsync(asks[1]));
        Assert.Equal("", await AskAsync(asks[2]));
        var anew = await AskAsync(asks[3]);
        Assert.StartsWith("product 7, rendered by shop-1, number ", anew, StringComparison.Ordinal);
        Assert.NotEqual(page, anew);
        Assert.Equal(anew, await AskAsync(asks[3]));
    }

    private ChildProcess Run(string arguments)
    {
        string[] all = [.. Here(arguments).Split(' ', StringSplitOptions.RemoveEmptyEntries), "--DistCache:PurgeLog:Lease", "1s"];
        return ChildProcess.Start(Path.Combine(Folder, "bin", Repository.Configuration, "net10.0", Name), all, Folder);
    }

    /// <summary>Another product, until it is served and not rendered.</summary>
    private Task WithLeaseAsync(Match ask)
    {
        var last = "";
        return Eventually.TrueAsync(async () =>
        {
            try
            {
                var page = await SendAsync(HttpMethod.Get, ask.Groups["url"].Value.Replace("/7", $"/{ask.Groups["port"].Value}", StringComparison.Ordinal));
                (var isKept, last) = (page == last, page);
                return isKept;
            }
            catch (HttpRequestException)
            {
                return false; // not there yet
            }
        }, () => last);
    }

    private Task<string> AskAsync(Match ask) => SendAsync(ask.Groups["post"].Success ? HttpMethod.Post : HttpMethod.Get, ask.Groups["url"].Value);

    private async Task<string> SendAsync(HttpMethod method, string url)
    {
        using var request = new HttpRequestMessage(method, Here(url));
        request.Headers.Host = "shop.test";
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(method == HttpMethod.Post ? HttpStatusCode.NoContent : HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Free ports in the place of those that are written.</summary>
    private string Here(string text) => PortAt().Replace(text, port =>
    {
        if (!_ports.TryGetValue(port.Groups["port"].Value, out var free))
            _ports.Add(port.Groups["port"].Value, free = Ports.Free());
        return $"127.0.0.1:{free}";
    });

    /// <summary>Keys that are neither the log's nor a lease.</summary>
    private static async Task<int> PagesAsync(RedisProcess redis) =>
        (await redis.CommandAsync("KEYS", "dc1:*")).Split('\n').Count(key => !key.StartsWith("dc1:{purges}", StringComparison.Ordinal) && !key.EndsWith(":l", StringComparison.Ordinal));

    [GeneratedRegex(@"^//\s+dotnet run -- (?<arguments>.+)$")]
    private static partial Regex Start();

    [GeneratedRegex(@"^//\s+curl -H 'Host: shop\.test' (?<post>-X POST )?(?<url>http://127\.0\.0\.1:(?<port>\d+)\S*)")]
    private static partial Regex Curl();

    [GeneratedRegex(@"127\.0\.0\.1:(?<port>\d+)")]
    private static partial Regex PortAt();
}
