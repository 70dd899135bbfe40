using System.Text;
using System.Text.Json;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Faults;

/// <summary>F18: files that are damaged while requests are answered. Each is read at once (SIGHUP), so that none is skipped.</summary>
public sealed class BadConfigurationTests
{
    private const int Clients = 4;
    private static readonly byte[] Body = Bodies.Random(20_000);
    private static readonly HttpClient Http = new();

    [Fact]
    public async Task F18_a_file_cut_at_any_byte_fails_no_request_and_the_last_good_one_stays()
    {
        await using var origin = Origin();
        var good = Site(origin.Url, "load", "x");
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart { Configuration = good });
        await using var load = Load(edge);
        var cuts = Damage.Cuts(good).Where((_, length) => LongForm.Asked || length % 19 == 0).ToArray();
        foreach (var cut in cuts)
        {
            await PutAsync(edge, "edge.json", cut);
            await HealthAsync(edge, health => health.StartsWith("yellow\nconfiguration: --config: '", StringComparison.Ordinal));
            await MetricAsync(edge, "distcache_config_last_reload_successful", 0);
            await PutAsync(edge, "edge.json", Encoding.UTF8.GetBytes(good));
            await HealthAsync(edge, health => health == "ok\n");
        }

        await EndAsync(load);
        await MetricAsync(edge, "distcache_config_last_reload_successful", 1);
        TestContext.Current.TestOutputHelper!.WriteLine($"{cuts.Length} cuts, {load.Answered} requests, 0 failed");
    }

    [Fact]
    public async Task F18_mutations_of_a_file_fail_no_request_of_another_and_what_is_no_JSON_is_never_taken()
    {
        await using var origin = Origin();
        using var folder = new TemporaryFolder();
        var good = Site(origin.Url, "other", "y");
        var more = folder.Write("more.json", good);
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart { Configuration = Site(origin.Url, "load", "x"), Arguments = ["--config", more] });
        await using var load = Load(edge);
        var random = new Random(18);
        var broken = 0;
        var mutations = LongForm.Asked ? 1000 : 60;
        for (var i = 0; i < mutations; i++)
        {
            var mutation = Damage.Mutate(good, random);
            await PutAsync(edge, more, mutation);
            if (!IsJson(mutation))
            {
                broken++;
                await HealthAsync(edge, health => health.StartsWith("yellow\n", StringComparison.Ordinal));
            }

            await load.MoreAsync(5);
            await PutAsync(edge, more, Encoding.UTF8.GetBytes(good));

            // What was a good file for something else was green too: its own route says that this one is in force.
            await Eventually.TrueAsync(async () => (await edge.GetAsync("/other/now")).Status == 200);
            await HealthAsync(edge, health => health == "ok\n");
        }

        await EndAsync(load);
        Assert.InRange(broken, mutations / 4, mutations);
        TestContext.Current.TestOutputHelper!.WriteLine($"{mutations} mutations, {broken} no JSON, {load.Answered} requests, 0 failed");
    }

    [Fact]
    public async Task Good_files_that_change_routes_and_policies_all_the_time_drop_no_request()
    {
        await using var origin = Origin();
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart { Configuration = Site(origin.Url, "load", "x") });
        await using var load = Load(edge);
        var rounds = LongForm.Asked ? 500 : 40;
        for (var i = 1; i <= rounds; i++)
        {
            await PutAsync(edge, "edge.json", Encoding.UTF8.GetBytes(Site(origin.Url, "load", "x", $"{i}s")));
            await MetricAsync(edge, "distcache_config_reloads_total", i, "result=\"taken\"");
            await load.MoreAsync(5);
        }

        await EndAsync(load);
        TestContext.Current.TestOutputHelper!.WriteLine($"{rounds} reloads, {load.Answered} requests, 0 failed");
    }

    private static ScriptOrigin Origin()
    {
        var origin = ScriptOrigin.Start();
        origin.Others.Answer(Answers.Ok(Body, "Cache-Control: max-age=600"));
        return origin;
    }

    /// <summary>Hits, and fills too: every fiftieth target is new.</summary>
    private static SteadyLoad Load(EdgeProcess edge) => new(Clients, () => edge.ConnectAsync(), (client, i) => i % 50 == 0 ? $"/load/{client}/{i}" : $"/load/{i % 20}",
        answer => answer is { Status: 200, EndedCleanly: true } && Body.AsSpan().SequenceEqual(answer.Body));

    private static async Task EndAsync(SteadyLoad load)
    {
        await load.MoreAsync(100);
        await load.StopAsync();
        Assert.Empty(load.Failures);
    }

    private static string Site(Uri origin, string path, string id, string window = "5m") => $$"""
        {
          "ReverseProxy": {
            "Routes": { "{{id}}": { "ClusterId": "{{id}}", "Match": { "Path": "/{{path}}/{**rest}", "Methods": [ "GET", "HEAD" ] }, "OutputCachePolicy": "{{id}}" } },
            "Clusters": { "{{id}}": { "Destinations": { "one": { "Address": "{{origin}}" } } } }
          },
          "DistCache": {
            "Policies": { "{{id}}": { "Preset": "safe", "StaleWhileRevalidate": "{{window}}", "Lifetimes": { "404": "10s" }, "Key": { "Query": { "Ignore": [ "@tracking" ] } } } }
          }
        }

        """;

    private static bool IsJson(byte[] content)
    {
        try
        {
            using var parsed = JsonDocument.Parse(content, new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            return parsed.RootElement.ValueKind is JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static async Task PutAsync(EdgeProcess edge, string name, byte[] content)
    {
        await File.WriteAllBytesAsync(Path.Combine(edge.Folder, name), content);
        edge.Process.Send(Signal.HangUp);
    }

    private static Task HealthAsync(EdgeProcess edge, Func<string, bool> isIt) => UntilAsync(edge, "/healthz", isIt);

    private static Task<string> MetricAsync(EdgeProcess edge, string name, double atLeast, string label = "") =>
        UntilAsync(edge, "/metrics", text => text.Split('\n').Any(line => line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal)
            && (atLeast == 0 ? Value(line) == 0 : Value(line) >= atLeast)));

    private static double Value(string line) => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<string> UntilAsync(EdgeProcess edge, string path, Func<string, bool> isIt)
    {
        var text = "";
        await Eventually.TrueAsync(async () => isIt(text = await Http.GetStringAsync(new Uri(edge.AdminUrl, path), TestContext.Current.CancellationToken)), () => text);
        return text;
    }
}
