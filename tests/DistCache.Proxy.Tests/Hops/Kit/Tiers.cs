using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Tests.Kit;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;
using DistCache.Storage.Tests.Shared.Kit;
using DistCache.TestKit;
using Microsoft.Extensions.DependencyInjection;
using FleetNode = DistCache.Fleet.FleetNode;

namespace DistCache.Proxy.Tests.Hops.Kit;

/// <summary>Nodes of two regions in this process, <c>us</c> with the shield <c>eu</c>: real sockets between them, one origin, one purge log, one clock.</summary>
internal sealed class Tiers : IAsyncDisposable
{
    public const string Secret = "0123456789abcdef0123456789abcdef";

    private readonly List<Tier> _tiers = [];
    private readonly MemoryPurgeLog _log;

    public Tiers() => _log = new(Time);

    public SkewedClock Time { get; } = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    public ScriptOrigin Origin { get; } = ScriptOrigin.Start();

    public PathRules Rules { get; init; } = PathRules.All;

    /// <summary>Each node's shared tier, of its own so that it can be seen who wrote; none where there is no key for the node.</summary>
    public Dictionary<string, MemoryStore> Stores { get; } = [];

    /// <summary>A shield and a node that asks it.</summary>
    public static async Task<(Tiers Tiers, Tier Shield, Tier Edge)> StartAsync(params (string Key, string? Value)[] more)
    {
        var tiers = new Tiers();
        var (shield, edge) = (await tiers.StartAsync("eu", "eu-1", more), await tiers.StartAsync("us", "us-1", more));
        await tiers.ReadyAsync();
        return (tiers, shield, edge);
    }

    public Task<Tier> StartAsync(string region, string node, params (string Key, string? Value)[] more) => StartAsync(region, node, Ports.Free(), more);

    public async Task<Tier> StartAsync(string region, string node, int port, params (string Key, string? Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["DistCache:Node:Region"] = region,
            ["DistCache:Node:DataAddress"] = $"http://127.0.0.1:{port}",
            ["DistCache:Fleet:Secret"] = Secret,
            ["DistCache:Regions:eu:Countries"] = "EU",
            ["DistCache:Regions:us:Countries"] = "US",
            ["DistCache:Regions:us:Shield"] = "eu",
        };
        foreach (var (key, value) in more)
            settings[key] = value;
        var (way, index) = (new LogWay(_log), new PurgeIndex());
        var fleet = new FleetNode(way, null, index, new() { Node = node, Region = region, DataAddress = settings["DistCache:Node:DataAddress"]!, Lease = new(TimeSpan.FromSeconds(30)) }, Time);
        var edge = await EdgeInProcess.StartAsync(more: settings, sharedOrigin: Origin, clock: Time, node: node, port: port, configure: services =>
        {
            services.AddSingleton(index).AddSingleton(fleet).AddSingleton<IStampClock>(fleet);
            services.AddSingleton(provider => new PurgeCheck(index, fleet, provider.GetRequiredService<MemoryTier>(), Time, Rules));
            if (Stores.GetValueOrDefault(node) is { } store)
                services.AddSingleton(new SharedTier(store, store, store, fleet, index, new(), Time));
        });
        await fleet.StartAsync(TimeSpan.FromSeconds(2));
        var tier = new Tier(edge, fleet, way);
        _tiers.Add(tier);
        return tier;
    }

    /// <summary>Everybody holds a lease and knows of everybody.</summary>
    public async Task ReadyAsync()
    {
        while (!_tiers.All(tier => tier.Fleet.HoldsLease && tier.Fleet.LiveIn("eu").Count + tier.Fleet.LiveIn("us").Count == _tiers.Count && tier.Fleet.LiveIn("eu").All(row => row.HoldsLease)))
            await PassAsync(TimeSpan.FromSeconds(1));
    }

    /// <summary>Time goes on, and everybody beats meanwhile.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(1))
        {
            var before = _tiers.Select(tier => tier.Way.Beats).ToArray();
            Time.Advance(left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1));
            if (left >= TimeSpan.FromSeconds(1))
                await Eventually.TrueAsync(() => _tiers.Select((tier, i) => tier.Way.Beats > before[i]).All(hasBeaten => hasBeaten));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var tier in _tiers)
        {
            await tier.Edge.DisposeAsync();
            await tier.Fleet.DisposeAsync();
        }
        await Origin.DisposeAsync();
    }
}

/// <summary>One node.</summary>
internal sealed record Tier(EdgeInProcess Edge, FleetNode Fleet, LogWay Way)
{
    public Task<RawAnswer> GetAsync(string target, params string[] fieldLines) => Edge.GetAsync(target, fieldLines);

    public async Task PurgeAsync(PurgeMode mode, params PurgeSelector[] selectors) =>
        Assert.NotNull(await Fleet.AppendAsync(selectors, mode, "test", TestContext.Current.CancellationToken));
}
