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
        var warm = new HashSet<(CaseKind, bool, bool)>(); // a kind of request is other code: just in time, and at first of the quick kind
        foreach (var test in options.Cases.Where(server.Runs))
        {
            var url = test.IsTls ? started.Tls : started.Url;
            await FillAsync(test, url);
            Load.Run(test, url, TimeSpan.FromSeconds(warm.Add((test.Kind, test.IsTls, test.IsHttp2)) ? options.Warm : Math.Min(2, options.Warm)), started.Folder);
            var (cpu, at) = (started.Process.Cpu, Stopwatch.GetTimestamp());
            var (requests, time) = Load.Run(test, url, TimeSpan.FromSeconds(options.Seconds), started.Folder);
            var (used, elapsed) = (started.Process.Cpu - cpu, Stopwatch.GetElapsedTime(at));
            var figure = new Figure(test.Name, server.Name, round, requests / time.TotalSeconds, used.TotalMicroseconds / requests, used / elapsed, started.Process.ResidentBytes);
            figures.Add(figure);
            Console.Error.WriteLine($"round {round}, {server.Name}, {test.Name}: {figure.Rate:N0}/s, {figure.CpuMicroseconds:N1} µs of CPU a request, core {figure.Core:P0}");
        }
        return figures;
    }

    /// <summary>Hits in the open loop; with <paramref name="misses"/> a second that wait 300 ms meanwhile.</summary>
    public async Task<Scenario> RunOpenAsync(Server server, Case test, SlowMisses kind, int rate, int misses)
    {
        await using var started = await StartAsync(server, kind is SlowMisses.SharedTier);
        var url = test.IsTls ? started.Tls : started.Url;
        await FillAsync(test, url);
        Load.Run(test, url, TimeSpan.FromSeconds(options.Warm), started.Folder);
        using var hits = Client(url, test.IsHttp2, 64);
        using var slow = Client(url, test.IsHttp2, 512);
        var during = TimeSpan.FromSeconds(options.Seconds * 2);
        // A scenario that nobody reads first: the client is cold, too.
        await new Scenario("warm", _ => GetAsync(hits, test.Path)).Inject(rate, TimeSpan.FromSeconds(2)).RunAsync(64);
        var scenario = new Scenario(server.Name, _ => GetAsync(hits, test.Path)).Inject(rate, during);
        var beside = new Scenario("slow misses", number => GetAsync(slow, kind is SlowMisses.Origin ? $"/slow/{number}" : $"/fill/1024/{number}")).Inject(misses, during);
        await Task.WhenAll(scenario.RunAsync(64), kind is SlowMisses.None ? Task.CompletedTask : beside.RunAsync(512));
        Console.Error.WriteLine($"open loop, {server.Name}, {test.Name}, {rate} hits/s, slow misses: {kind}: p50 {scenario.Percentile(50):F2}, p99 {scenario.Percentile(99):F2}, p99.9 {scenario.Percentile(99.9):F2} ms, {scenario.Failed + beside.Failed} failed{(kind is SlowMisses.None ? "" : $"; of a miss p50 {beside.Percentile(50):F0} ms")}");
        if (scenario.Failed + beside.Failed > 0)
            throw new InvalidOperationException($"{server.Name}: {(scenario.Failures.Count > 0 ? scenario : beside).Failures[0]}");
        if (kind is not SlowMisses.None && beside.Percentile(10) < 250)
            throw new InvalidOperationException($"{server.Name}: the misses did not wait, {beside.Percentile(10):F0} ms");
        return scenario;
    }

    private static HttpClient Client(Uri url, bool isHttp2, int connections) => new(new SocketsHttpHandler { SslOptions = Trusting.SslOptions, MaxConnectionsPerServer = connections })
    {
        BaseAddress = url,
        DefaultRequestVersion = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>Where a hit's time goes, in a run of its own: names for the sampler cost something.</summary>
    public async Task<Profile> ProfileAsync(Server server, Case test)
    {
        foreach (var (name, value) in Profile.Names)
            Environment.SetEnvironmentVariable(name, value);
        try
        {
            await using var started = await StartAsync(server);
            var url = test.IsTls ? started.Tls : started.Url;
            await FillAsync(test, url);
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

    private async Task<StartedServer> StartAsync(Server server, bool hasSharedTier = false)
    {
        var folder = Directory.CreateTempSubdirectory("distcache-hits-").FullName;
        var shared = hasSharedTier ? await FarTier.StartAsync() : null;
        var site = new Site(folder, FreePort(), FreePort(), originPort, certificate, key, pem, shared?.ConnectionString);
        var process = server.Start(site);
        var started = new StartedServer(process, shared, folder, new($"http://127.0.0.1:{site.Port}"), new($"https://127.0.0.1:{site.TlsPort}"));
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

    /// <summary>Every URL twice: the second answer comes from the cache, and each has to be the origin's bytes. Then what the case asks for.</summary>
    private static async Task FillAsync(Case test, Uri url)
    {
        using var client = new HttpClient(Trusting, disposeHandler: false) { BaseAddress = url };
        for (var pass = 0; pass < (test.Kind is CaseKind.Hit ? 2 : 1); pass++)
            await Parallel.ForAsync(0, test.Urls, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancel) => await CheckAsync(client, test, test.PathOf(i), Wish.Whole, cancel));
        if (test.Wish != Wish.Whole)
            await CheckAsync(client, test, test.Path, test.Wish, CancellationToken.None);
    }

    private static async Task CheckAsync(HttpClient client, Case test, string path, Wish wish, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(new(wish.Method), path);
        if (wish.Field?.Split(": ", 2) is [var name, var value])
            request.Headers.Add(name, value);
        using var answer = await client.SendAsync(request, cancel);
        var body = await answer.Content.ReadAsByteArrayAsync(cancel);
        if (answer.StatusCode != wish.Status || (wish.Status < HttpStatusCode.BadRequest && !wish.Of(Content.Body(test.Size)).SequenceEqual(body)))
            throw new InvalidOperationException($"{client.BaseAddress}{path[1..]}, {wish.Method} {wish.Field}: {answer.StatusCode} of {body.Length} bytes is not the answer");
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private sealed record StartedServer(ServerProcess Process, FarTier? Shared, string Folder, Uri Url, Uri Tls) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Process.DisposeAsync();
            if (Shared is not null)
                await Shared.DisposeAsync();
            Directory.Delete(Folder, recursive: true);
        }
    }
}
