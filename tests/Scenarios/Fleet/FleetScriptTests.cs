using System.Net;
using System.Net.Sockets;
using DistCache.Scenarios.Written;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary><c>edge-nodes/fleet</c> as an operator uses it, on ports and in a run folder of its own.</summary>
[Collection(FleetCollection.Name)]
public sealed class FleetScriptTests : IAsyncLifetime
{
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(2);
    private readonly TemporaryFolder _run = new();
    private readonly int _shift = 1000 + (Random.Shared.Next(200) * 100);

    /// <summary>Gone after <c>down</c>.</summary>
    private string Run => Path.Combine(_run.Path, "run");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await FleetAsync("down");
        _run.Dispose();
    }

    [Fact]
    public async Task The_script_starts_six_edges_purges_reach_all_a_killed_one_is_named_and_nothing_stays()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed");
        var written = WrittenCommands.Blocks(WrittenCommandTests.Document, WrittenCommandTests.Heading)[2]; // each of them is run here
        Assert.Equal(["edge-nodes/fleet up", "edge-nodes/fleet status", "curl", "edge-nodes/fleet down"], written.Select(line => line.StartsWith("curl ", StringComparison.Ordinal) ? "curl" : line));
        var (code, text) = await FleetAsync("up", "--no-build", "--shift", $"{_shift}");
        Assert.True(code == 0, text);

        (code, text) = await FleetAsync("status");
        Assert.True(code == 0, text);
        foreach (var node in (string[])["eu-west-1", "eu-west-2", "us-east-1", "us-east-2", "ap-south-1", "ap-south-2"])
            Assert.Matches($"(?m)^{node} +{node[..^2]} +ready ", text);

        using var http = new HttpClient { Timeout = Most };
        Assert.Equal("fetch 1\n", await PageAsync(http, 8421));
        await Eventually.TrueAsync(async () => await PageAsync(http, 8422) == "fetch 1\n"); // of the region's shared tier, once it is written there
        Assert.Equal("fetch 1\n", await PageAsync(http, 8431)); // another region, by the same shield

        await using var curl = ChildProcess.Start("bash", ["-c", written[2].Replace(":9411", $":{9411 + _shift}", StringComparison.Ordinal).Replace("curl ", "curl -s ", StringComparison.Ordinal)]);
        Assert.Equal(0, await curl.WaitForExitAsync(Most));
        var receipt = new PurgeReply(HttpStatusCode.OK, curl.Output);
        Assert.True(receipt.IsComplete, receipt.Text);
        Assert.Equal(["ap-south-1", "ap-south-2", "eu-west-1", "eu-west-2", "us-east-1", "us-east-2"], receipt.Applied.Order(StringComparer.Ordinal));
        foreach (var port in (int[])[8421, 8422, 8431])
            Assert.Equal("fetch 2\n", await PageAsync(http, port));

        (code, text) = await FleetAsync("kill", "ap-south-2");
        Assert.True(code == 0, text);
        (code, text) = await FleetAsync("status");
        Assert.Equal(1, code);
        Assert.Matches("(?m)^ap-south-2 +ap-south +down ", text);

        var started = Directory.GetFiles(Run, "*.pid").Select(File.ReadAllText).Where(Runs).ToArray();
        Assert.Equal(10, started.Length); // Five edges, four Redis, the network.
        (code, text) = await FleetAsync("down");
        Assert.True(code == 0, text);
        Assert.DoesNotContain(started, Runs);
    }

    [Fact]
    public async Task A_port_that_another_program_holds_is_named_with_the_remedy_and_nothing_is_started()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed");
        using var other = new TcpListener(System.Net.IPAddress.Loopback, 9422 + _shift);
        other.Start();
        var (code, text) = await FleetAsync("up", "--no-build", "--shift", $"{_shift}");
        Assert.Equal(1, code);
        Assert.Contains($"port {9422 + _shift} (admin port of us-east-2) is in use", text);
        Assert.Contains("--shift", text);
        Assert.Empty(Directory.GetFiles(Run, "*.pid"));
    }

    private Uri Url(int port, string path) => new($"http://127.0.0.1:{port + _shift}{path}");

    private async Task<string> PageAsync(HttpClient http, int port)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(port, "/page"));
        request.Headers.Host = "site.test"; // else each edge's page would be one of its own
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <param name="pid">As the script has written it: the pid and when that process started, so that another one of the same pid is not taken for it.</param>
    private static bool Runs(string pid)
    {
        var words = pid.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        try
        {
            var stat = File.ReadAllText($"/proc/{words[0]}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] != "Z" && fields[19] == words[1];
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task<(int Code, string Text)> FleetAsync(params string[] arguments)
    {
        await using var script = ChildProcess.Start(
            "bash", [Path.Combine(Repository.Root, "edge-nodes", "fleet"), .. arguments], environment: new Dictionary<string, string?> { ["DISTCACHE_FLEET_RUN"] = Run });
        var code = await script.WaitForExitAsync(Most);
        return (code, script.Output);
    }
}
