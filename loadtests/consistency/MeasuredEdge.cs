using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DistCache.TestKit;

namespace DistCache.LoadTests.Consistency;

/// <summary>An edge on the server's core, with a site for each consistency.</summary>
/// <param name="log">Where its purge log is, in words.</param>
/// <param name="consistencies">Those of which something is to be learnt with this log.</param>
internal sealed class MeasuredEdge(string log, EdgeProcess edge, IReadOnlyList<string> consistencies) : IAsyncDisposable
{
    private static readonly string[] All = ["eventual", "bounded", "strong"];
    public string Log => log;

    public IReadOnlyList<string> Consistencies => consistencies;

    /// <param name="redis">Of the log; null: the edge is alone.</param>
    public static async Task<MeasuredEdge> StartAsync(string log, int originPort, string? redis, params string[] consistencies)
    {
        var edge = await EdgeProcess.StartAsync(new EdgeStart
        {
            Configuration = Configuration(originPort),
            Memory = "256MiB",
            Environment = new Dictionary<string, string?> { ["DistCache__Node__Id"] = "measured", ["DistCache__PurgeLog__Redis"] = redis, ["DistCache__PurgeLog__Lease"] = "5s" },
        });
        Tool.Run("taskset", "-a", "-p", "-c", Cores.Server.ToString(CultureInfo.InvariantCulture), edge.Process.Id.ToString(CultureInfo.InvariantCulture));
        var started = new MeasuredEdge(log, edge, consistencies);
        foreach (var consistency in consistencies)
            await started.FillAsync(consistency);
        return started;
    }

    public async Task<Figure> MeasureAsync(string consistency, Options options, bool isFirst)
    {
        var target = new Uri(edge.Url, VersionedPage.TargetOf(0));
        string[] host = ["-H", $"Host: {HostOf(consistency)}"];
        Wrk.Run(target, TimeSpan.FromSeconds(isFirst ? options.Warm : 1), host);
        var cpu = edge.Process.ProcessorTime;
        var (requests, time) = Wrk.Run(target, TimeSpan.FromSeconds(options.Seconds), host);
        var used = edge.Process.ProcessorTime - cpu;
        var times = await TimesAsync(consistency, TimeSpan.FromSeconds(options.Seconds));
        var figure = new Figure(log, consistency, requests / used.TotalSeconds, requests / time.TotalSeconds, times[times.Count / 2], times[(int)(times.Count * 0.99)]);
        Console.Error.WriteLine(figure);
        return figure;
    }

    public ValueTask DisposeAsync() => edge.DisposeAsync();

    /// <summary>Milliseconds in order, of hits one after the other on one connection.</summary>
    private async Task<List<double>> TimesAsync(string consistency, TimeSpan during)
    {
        await using var client = await edge.ConnectAsync();
        var times = new List<double>();
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < during;)
        {
            var asked = Stopwatch.GetTimestamp();
            var answer = await client.GetAsync(VersionedPage.TargetOf(0), $"Host: {HostOf(consistency)}");
            times.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            if (!IsHit(answer))
                throw new InvalidDataException($"{log}, {consistency}: {answer.Field("Cache-Status")}");
        }
        times.Sort();
        return times;
    }

    /// <summary>Until it is a hit: the edge holds its lease.</summary>
    private Task FillAsync(string consistency) => Eventually.TrueAsync(async () => IsHit(await edge.GetAsync(VersionedPage.TargetOf(0), $"Host: {HostOf(consistency)}")));

    private static bool IsHit(RawAnswer answer) =>
        VersionedPage.Parse(answer.Body) is not null && answer.Field("Cache-Status") is { } status && status.Contains("; hit", StringComparison.Ordinal);

    private static string HostOf(string consistency) => consistency + ".test";

    private static string Configuration(int originPort) => JsonSerializer.Serialize(new
    {
        DistCache = new { Policies = All.ToDictionary(one => one, one => new { Consistency = one }) },
        ReverseProxy = new
        {
            Routes = All.ToDictionary(one => one, one => new { ClusterId = "site", OutputCachePolicy = one, Match = new { Hosts = new[] { HostOf(one) }, Path = "/{**rest}" } }),
            Clusters = new { site = new { Destinations = new { one = new { Address = $"http://127.0.0.1:{originPort}/" } } } },
        },
    });
}
