using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DistCache.TestKit;

/// <summary>
/// One edge of an <see cref="EdgeFleet"/>, with a fault proxy of its own on each of its links: to the purge log, to the shared tier, to the
/// origin, and for those who call its admin port as peers do.
/// </summary>
public sealed class FleetNode : IAsyncDisposable
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5) })
    {
        Timeout = TimeSpan.FromMinutes(2),
    };

    private readonly TimeSpan _toLog;
    private readonly TimeSpan _fromPeers;
    private readonly FaultProxy? _log;
    private EdgeProcess? _edge;

    internal FleetNode(string id, string region, TimeSpan toLog, TimeSpan fromPeers, int? logPort, int? sharedPort, int originPort)
    {
        (Id, Region, _toLog, _fromPeers) = (id, region, toLog, fromPeers);
        _log = logPort is { } log ? FaultProxy.Start(log) : null;
        Shared = sharedPort is { } port ? FaultProxy.Start(port) : null;
        Origin = FaultProxy.Start(originPort);
    }

    public string Id { get; }

    public string Region { get; }

    /// <summary>Link to the purge log.</summary>
    public FaultProxy Log => _log ?? throw new InvalidOperationException("The purge log is not the fleet's own: nothing stands on the way to it.");

    /// <summary>Link to the shared tier of its region; null without one.</summary>
    public FaultProxy? Shared { get; }

    public FaultProxy Origin { get; }

    /// <summary>Link by which peers reach its admin port.</summary>
    public FaultProxy? Peers { get; private set; }

    /// <summary>Link by which nodes of other regions ask it instead of the origin.</summary>
    public FaultProxy? Askers { get; private set; }

    public EdgeProcess Edge => _edge ?? throw new InvalidOperationException($"{Id} was not started.");

    /// <summary>From now on it hears of nobody but the origin and its clients, and is told nothing of it.</summary>
    public void Isolate(LinkState state = LinkState.Stalled)
    {
        foreach (var link in Fleetwide())
            link.Faults = new LinkFaults { State = state };
    }

    /// <summary>As <see cref="Isolate"/>, with RST.</summary>
    public void CutOff()
    {
        foreach (var link in Fleetwide())
            link.Cut();
    }

    /// <summary>Every link as it was at the start: only as long as the way is.</summary>
    public void Mend()
    {
        foreach (var link in (FaultProxy?[])[_log, Shared, Origin, Peers, Askers])
            link?.Mend();
        _log?.Faults = new LinkFaults { Delay = _toLog };
        foreach (var link in (FaultProxy?[])[Peers, Askers])
            link?.Faults = new LinkFaults { Delay = _fromPeers };
    }

    /// <summary><c>POST /api/v1/purges</c> at this node. Throws <see cref="WireException"/> when there is no answer at all.</summary>
    public Task<PurgeReply> PurgeAsync(object body) => SendAsync(HttpMethod.Post, "/api/v1/purges", body);

    /// <summary>A hard purge of one page for the whole fleet, waiting until it is complete.</summary>
    public Task<PurgeReply> PurgeAsync(int key, string timeout = "30s") =>
        PurgeAsync(new { urls = new[] { $"http://test{VersionedPage.TargetOf(key)}" }, wait = "all", timeout });

    public Task<PurgeReply> ReceiptAsync(long position) => SendAsync(HttpMethod.Get, $"/api/v1/purges/{position}", null);

    /// <summary><c>GET</c> of anything on the admin port.</summary>
    public async Task<JsonElement> AdminAsync(string path) => (await SendAsync(HttpMethod.Get, path, null)).Json;

    /// <summary>One GET of a page, on a connection of its own.</summary>
    public Task<RawAnswer> ReadAsync(int key) => Edge.GetAsync(VersionedPage.TargetOf(key));

    internal async Task StartAsync(FleetStart start, string logConnection, string? sharedConnection)
    {
        Mend();
        var (data, admin) = (Ports.Free(), Ports.Free());
        (Peers, Askers) = (FaultProxy.Start(admin), FaultProxy.Start(data));
        Mend();
        var environment = new Dictionary<string, string?>(start.Environment)
        {
            ["DistCache__Node__Id"] = Id,
            ["DistCache__Node__Region"] = Region,
        };
        if (start.Together)
        {
            environment["DistCache__Node__Address"] = $"http://127.0.0.1:{Peers.Port}";
            environment["DistCache__Node__DataAddress"] = $"http://127.0.0.1:{Askers.Port}";
            environment["DistCache__PurgeLog__Redis"] = logConnection;
            environment["DistCache__PurgeLog__Lease"] = $"{(long)start.Lease.TotalMilliseconds}ms";
            environment["DistCache__Shared__Redis"] = sharedConnection;
        }

        if (start.Shield is { } shield)
        {
            environment["DistCache__Fleet__Secret"] = "the same thirty-two characters here";
            foreach (var (i, region) in start.Regions.Index())
            {
                foreach (var coordinate in (string[])["Latitude", "Longitude"])
                    environment.TryAdd($"DistCache__Regions__{region}__{coordinate}", $"{10 * i}");
                environment[$"DistCache__Regions__{region}__Shield"] = region == shield ? null : shield;
            }
        }

        _edge = await EdgeProcess.StartAsync(new EdgeStart { Origin = Origin.Url, Memory = start.Memory, Environment = environment, Port = data, AdminPort = admin });
    }

    /// <summary>Its writes to the shared tier that have ended, well or not. They go on behind the answers.</summary>
    public async Task<double> SharedWritesAsync() => (await Edge.MetricsAsync())
        .Where(line => line.StartsWith("distcache_shared_operations_total{", StringComparison.Ordinal) && line.Contains("op=\"write\"", StringComparison.Ordinal))
        .Sum(line => double.Parse(line.Split("} ")[1].Split(' ')[0], CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        foreach (var link in (FaultProxy?[])[_log, Shared, Origin, Peers, Askers])
            if (link is not null)
                await link.DisposeAsync(); // First: an edge that hangs on a stalled link would take its time to end.
        if (_edge is not null)
            await _edge.DisposeAsync();
    }

    private IEnumerable<FaultProxy> Fleetwide() => ((FaultProxy?[])[_log, Shared, Peers, Askers]).OfType<FaultProxy>();

    private async Task<PurgeReply> SendAsync(HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(Edge.AdminUrl, path));
        if (body is not null)
            request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        try
        {
            using var answer = await Http.SendAsync(request);
            return new PurgeReply(answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            throw new WireException($"{Id}: {method} {path}: {error.Message}", error);
        }
    }
}
