using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DistCache.LoadTests;
using DistCache.LoadTests.Soak;
using HdrHistogram;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (Options.Read(args) is not { } options)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}
const int BetweenReloads = 20;
const int BetweenProgress = 10;
var repository = AppContext.BaseDirectory;
while (!File.Exists(Path.Combine(repository, "DistCache.Edge.sln")))
    repository = Path.GetDirectoryName(repository) ?? throw new InvalidOperationException("run it from a build inside the repository");
Edge.Publish(repository);
Cores.PinSelf();

// The first objects until their bytes are ten times the capacity.
var wanted = 10L * options.MiB << 20;
var count = 0;
for (var bytes = 0L; bytes < wanted; count++)
    bytes += Content.LengthOf(count);
var content = new Content(count);
var (origin, originPort) = await Origin.StartAsync(content);
var folder = Directory.CreateTempSubdirectory("distcache-soak-").FullName;
var edge = new Edge(folder, originPort, FreePort());
await using (origin)
await using (var process = await edge.StartAsync(options.MiB, options.Checked))
{
    using var traffic = new Traffic(content, edge.Url);
    var during = TimeSpan.FromMinutes(options.Minutes);
    var load = new Scenario("mixture", _ => traffic.RequestAsync()).Inject(options.Rate, during);
    var pulse = new LongHistogram(1, 60_000_000, 3);
    var memory = new Memory();
    var (reloads, pulseFailures) = (0, 0);
    Console.Error.WriteLine($"{count:N0} objects of {content.Bytes >> 20:N0} MiB, capacity {options.MiB} MiB, {options.Rate} requests/s for {options.Minutes} min, edge {(options.Checked ? "checks its memory" : "plain")}");
    using var done = new CancellationTokenSource();
    var watching = Task.WhenAll(PulseAsync(), WatchAsync(), ReloadAsync());
    await load.RunAsync();
    await done.CancelAsync();
    await watching;

    var bound = ((long)options.MiB << 20) + 200_000_000;
    var isRight = load.Failed == 0 && pulseFailures == 0 && memory.IsFlat && memory.Most <= bound && !process.HasEnded;
    var table = new MarkdownTable("soak", "");
    table.Add("requests", $"{load.Count:N0}, {options.Rate} a second injected, during {options.Minutes} min");
    table.Add("failed", $"{load.Failed + pulseFailures}");
    table.Add("bytes verified", $"{traffic.BytesVerified >> 20:N0} MiB");
    table.Add("hit ratio, objects of ten times the capacity", $"{traffic.HitRatio:P1}");
    table.Add("purges, reloads", $"{traffic.Purges:N0}, {reloads}");
    table.Add("p50 / p99 / p99.9 / worst, ms (hits and misses, open loop)", $"{load.Percentile(50):F1} / {load.Percentile(99):F1} / {load.Percentile(99.9):F1} / {load.Percentile(100):F1}");
    table.Add("one hot object, asked every 10 ms: p99 / worst pause, ms", $"{pulse.GetValueAtPercentile(99) / 1000.0:F1} / {pulse.GetValueAtPercentile(100) / 1000.0:F1}");
    table.Add("RSS, most in the second quarter / in the last / at all", $"{memory.Early >> 20} / {memory.Late >> 20} / {memory.Most >> 20} MiB");
    table.Add("RSS flat, within capacity + 200 MB", $"{(memory.IsFlat ? "yes" : "NO")}, {(memory.Most <= bound ? "yes" : "NO")}");
    var report = $"{Cores.Machine}; edge and load on a core each.\n\n{table}";
    foreach (var failure in load.Failures)
        report += $"\n- {failure.Message}";
    Console.WriteLine(report);
    File.WriteAllText(options.Out + ".md", report + "\n");
    File.WriteAllText(options.Out + ".svg", memory.Draw($"Resident memory of the edge, capacity {options.MiB} MiB", bound));
    if (!isRight)
        Console.Error.WriteLine(process.Log[^Math.Min(process.Log.Length, 2000)..]);
    return isRight ? 0 : 1;

    async Task PulseAsync()
    {
        while (!done.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                await traffic.PulseAsync();
                pulse.RecordValue(Math.Clamp((long)Stopwatch.GetElapsedTime(start).TotalMicroseconds, 1, 60_000_000));
            }
            catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
            {
                pulseFailures++;
                Console.Error.WriteLine(e.Message);
            }
            await Task.Delay(10);
        }
    }

    async Task WatchAsync()
    {
        var start = Stopwatch.GetTimestamp();
        for (var second = 1; !done.IsCancellationRequested; second++)
        {
            await Task.Delay(1000);
            memory.Add(Stopwatch.GetElapsedTime(start).TotalSeconds, process.ResidentBytes);
            if (second % BetweenProgress == 0)
                Console.Error.WriteLine($"  {second,4} s: {load.Count:N0} right, {load.Failed + pulseFailures} failed, hit ratio {traffic.HitRatio:P0}, RSS {process.ResidentBytes >> 20} MiB, p99 {load.Percentile(99):F1} ms, worst pause {pulse.GetValueAtPercentile(100) / 1000.0:F1} ms, {reloads} reloads");
        }
    }

    async Task ReloadAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(BetweenReloads), done.Token);
                reloads++;
                edge.Configure(reloads % 2 == 0 ? options.MiB : options.MiB / 2, staleSeconds: 1 + (reloads % 5));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}

static int FreePort()
{
    using var listener = new TcpListener(IPAddress.Loopback, 0);
    listener.Start();
    return ((IPEndPoint)listener.LocalEndpoint).Port;
}
