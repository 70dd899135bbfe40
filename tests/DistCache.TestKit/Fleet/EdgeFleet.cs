namespace DistCache.TestKit;

/// <summary>
/// Edges as real processes in regions, the purge log in a Redis of the first region, a shared tier in a Redis of each region, one versioned origin,
/// and fault proxies between them all.
/// </summary>
public sealed class EdgeFleet : IAsyncDisposable
{
    private readonly FleetStart _start;
    private readonly RedisProcess? _log;
    private readonly List<FleetNode> _nodes;

    private EdgeFleet(FleetStart start, VersionedOrigin origin, RedisProcess? log, IReadOnlyDictionary<string, RedisProcess> shared)
    {
        (_start, Origin, _log, Shared) = (start, origin, log, shared);
        _nodes = [.. start.Regions.SelectMany(region => Enumerable.Range(1, start.EdgesPerRegion).Select(number => Node(region, number)))];
    }

    public VersionedOrigin Origin { get; }

    /// <summary>The purge log's own server.</summary>
    public RedisProcess Log => _log ?? throw new InvalidOperationException("The purge log is not this fleet's own.");

    /// <summary>By region.</summary>
    public IReadOnlyDictionary<string, RedisProcess> Shared { get; }

    /// <summary>Region by region: <c>ams-1</c>, <c>ams-2</c>, …; behind them those that joined.</summary>
    public IReadOnlyList<FleetNode> Nodes => _nodes;

    public TimeSpan Lease => _start.Lease;

    /// <summary>Starts everything and waits until each node serves from its memory: its lease is granted, so the others have all been heard.</summary>
    public static async Task<EdgeFleet> StartAsync(FleetStart start)
    {
        var origin = VersionedOrigin.Start(start.Keys, start.LogsOrigin);
        var log = start.LogOf is null ? await RedisProcess.StartAsync(new RedisStart { AppendOnly = start.LogAppendOnly }) : null;
        var shared = new Dictionary<string, RedisProcess>();
        foreach (var region in start is { Shared: true, SharedOf: null } ? start.Regions : [])
            shared[region] = await RedisProcess.StartAsync();
        var fleet = new EdgeFleet(start, origin, log, shared);
        try
        {
            await Task.WhenAll(fleet.Nodes.Select((node, number) => fleet.StartAsync(node, number)));
            await fleet.WaitUntilServingAsync();
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    public FleetNode this[string id] => Nodes.Single(node => node.Id == id);

    /// <summary>One more edge of that region; it is ready, and the others hear of it by themselves.</summary>
    public async Task<FleetNode> JoinAsync(string region)
    {
        var node = Node(region, 1 + _nodes.Count(other => other.Region == region));
        _nodes.Add(node);
        await StartAsync(node, _nodes.Count - 1);
        return node;
    }

    /// <summary>Waits until every node answers a page from its memory: it holds a lease.</summary>
    public async Task WaitUntilServingAsync()
    {
        foreach (var node in Nodes)
            await Answering.UntilAsync(node.Edge.Process, node.Id, async () => IsServedUnvalidated(await node.ReadAsync(0)));
    }

    public void Mend()
    {
        foreach (var node in Nodes)
            node.Mend();
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Nodes.Select(node => node.DisposeAsync().AsTask()));
        foreach (var redis in Shared.Values)
            await redis.DisposeAsync();
        if (_log is not null)
            await _log.DisposeAsync();
        await Origin.DisposeAsync();
    }

    /// <summary>RFC 9211: a hit that says nothing of having been forwarded; by the last member, those before it speak of how it came here.</summary>
    private static bool IsServedUnvalidated(RawAnswer answer) =>
        answer.Field("Cache-Status")?.Split(',')[^1] is { } status && status.Contains("; hit", StringComparison.Ordinal) && !status.Contains("fwd=", StringComparison.Ordinal);

    private FleetNode Node(string region, int number) => new(
        $"{region}-{number}", region,
        toLog: region == _start.Regions[0] ? TimeSpan.Zero : _start.BetweenRegions, fromPeers: _start.BetweenRegions,
        _log?.Port, Shared.GetValueOrDefault(region)?.Port, Origin.Port);

    private Task StartAsync(FleetNode node, int number) => node.StartAsync(
        _start,
        _start.LogOf?.Invoke(number) ?? Log.ConnectionStringAt(node.Log.Port),
        _start.SharedOf?.Invoke(number) ?? (node.Shared is null ? null : Shared[node.Region].ConnectionStringAt(node.Shared.Port)));
}
