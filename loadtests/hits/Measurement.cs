using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using DistCache.LoadTests.Hits.Servers;

namespace DistCache.LoadTests.Hits;

/// <summary>Starts a server on an empty cache, fills it, looks at its bodies, warms it, and measures one case after the other.</summary>
internal sealed class Measurement(Options options, int originPort, string certificate, string key, string pem)
{
    private static readonly SocketsHttpHandler Trusting = new() { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true }, MaxConnectionsPerServer = 256 };

    public async Task<List<Figure>> RunAsync(Server server, int round)
    {
        var figures = new List<Figure>();
        await using var started = await StartAsync(server);
        var isWarm = false;
        foreach (var test in options.Cases.Where(server.Runs))
        {
            var url = test.IsTls ? started.Tls : started.Url;
            await FillAsync(test, started.Url);
            Load.Run(test, url, TimeSpan.FromSeconds(isWarm ? Math.Min(2, options.Warm) : options.Warm), started.Folder);
            isWarm = true;
            var (cpu, at) = (started.Process.Cpu, Stopwatch.GetTimestamp());
            var (requests, time) = Load.Run(test, url, TimeSpan.FromSeconds(options.Seconds), started.Folder);
            var (used, elapsed) = (started.Process.Cpu - cpu, Stopwatch.GetElapsedTime(at));
            var figure = new Figure(test.Name, server.Name, round, requests / time.TotalSeconds, used.TotalMicroseconds / requests, used / elapsed, started.Process.ResidentBytes);
            figures.Add(figure);
            Console.Error.WriteLine($"round {round}, {server.Name}, {test.Name}: {figure.Rate:N0}/s, {figure.CpuMicroseconds:N1} µs of CPU a request, core {figure.Core:P0}");
        }
        return figures;
    }

    /// <summary>Hits in the open loop; with <paramref name="misses"/> a second that wait for a slow origin meanwhile.</summary>
    public async Task<Scenario> RunOpenAsync(Server server, int rate, int misses)
    {
        await using var started = await StartAsync(server);
        await FillAsync(Case.All[0], started.Url);
        Load.Run(Case.All[0], started.Url, TimeSpan.FromSeconds(options.Warm), started.Folder);
        using var hits = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = started.Url };
        using var slow = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 512 }) { BaseAddress = started.Url };
        var during = TimeSpan.FromSeconds(options.Seconds * 2);
        // A scenario that nobody reads first: the client is cold, too.
        await new Scenario("warm", _ => GetAsync(hits, "/obj/1024/0")).Inject(rate, TimeSpan.FromSeconds(2)).RunAsync(64);
        var scenario = new Scenario(server.Name, _ => GetAsync(hits, "/obj/1024/0")).Inject(rate, during);
        var beside = new Scenario("slow misses", number => GetAsync(slow, $"/slow/{number}")).Inject(misses, during);
        await Task.WhenAll(scenario.RunAsync(64), misses > 0 ? beside.RunAsync(512) : Task.CompletedTask);
        Console.Error.WriteLine($"open loop, {server.Name}, {rate} hits/s, {misses} slow misses/s: p50 {scenario.Percentile(50):F2}, p99 {scenario.Percentile(99):F2}, p99.9 {scenario.Percentile(99.9):F2} ms, {scenario.Failed + beside.Failed} failed");
        return scenario.Failed + beside.Failed == 0 ? scenario : throw new InvalidOperationException($"{server.Name}: {(scenario.Failures.Count > 0 ? scenario : beside).Failures[0]}");
    }

    /// <summary>Where a hit's time goes, in a run of its own: names for the sampler cost something.</summary>
    public async Task<Profile> ProfileAsync(Server server, Case test)
    {
        foreach (var (name, value) in Profile.Names)
            Environment.SetEnvironmentVariable(name, value);
        try
        {
            await using var started = await StartAsync(server);
            await FillAsync(test, started.Url);
            var url = test.IsTls ? started.Tls : started.Url;
            Load.Run(test, url, TimeSpan.FromSeconds(options.Warm), started.Folder);
            var during = TimeSpan.FromSeconds(options.Seconds);
            var profile = Profile.Record(server.Name, started.Process, started.Folder, during, () => Load.Run(test, url, during + TimeSpan.FromSeconds(1), started.Folder));
            foreach (var id in started.Process.Ids)
            {
                File.Delete($"/tmp/perf-{id}.map"); // the runtime's names
                File.Delete($"/tmp/perfinfo-{id}.map");
            }
            return profile;
        }
        finally
        {
            foreach (var name in Profile.Names.Keys)
                Environment.SetEnvironmentVariable(name, null);
        }
    }

    private static async Task GetAsync(HttpClient client, string path)
    {
        var body = await client.GetByteArrayAsync(path);
        if (body.Length != 1024)
            throw new InvalidDataException($"{path}: {body.Length} bytes");
    }

    private async Task<StartedServer> StartAsync(Server server)
    {
        var folder = Directory.CreateTempSubdirectory("distcache-hits-").FullName;
        var site = new Site(folder, FreePort(), FreePort(), originPort, certificate, key, pem);
        var process = server.Start(site);
        var started = new StartedServer(process, folder, new($"http://127.0.0.1:{site.Port}"), new($"https://127.0.0.1:{site.TlsPort}"));
        try
        {
            await process.WaitAsync(new(started.Url, "/obj/1024/0"));
            if (server.SpeaksTls)
                await process.WaitForPortAsync(site.TlsPort);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>Every URL twice: the second answer comes from the cache, and each has to be the origin's bytes.</summary>
    private static async Task FillAsync(Case test, Uri url)
    {
        using var client = new HttpClient(Trusting, disposeHandler: false) { BaseAddress = url };
        var expected = Content.Body(test.Size);
        if (test.Kind is not CaseKind.Hit)
        {
            var body = await client.GetByteArrayAsync(test.Path);
            if (!expected.AsSpan().SequenceEqual(body))
                throw new InvalidOperationException($"{url}{test.Path}: not the origin's body");
            return;
        }
        for (var pass = 0; pass < 2; pass++)
            await Parallel.ForAsync(0, test.Urls, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancel) =>
            {
                using var answer = await client.GetAsync($"/obj/{test.Size}/{i}", cancel);
                var body = await answer.Content.ReadAsByteArrayAsync(cancel);
                if (answer.StatusCode != HttpStatusCode.OK || !expected.AsSpan().SequenceEqual(body))
                    throw new InvalidOperationException($"{url}obj/{test.Size}/{i}: not the origin's body");
            });
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private sealed record StartedServer(ServerProcess Process, string Folder, Uri Url, Uri Tls) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Process.DisposeAsync();
            Directory.Delete(Folder, recursive: true);
        }
    }
}
