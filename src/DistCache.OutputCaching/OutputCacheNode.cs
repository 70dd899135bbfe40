using DistCache.Fleet;
using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;
using DistCache.Redis.Connections;
using DistCache.Redis.PurgeLogs;
using DistCache.Redis.Shared;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DistCache.OutputCaching;

/// <summary>
/// This instance of the app as a node of the fleet: it follows the purge log as an edge does, is waited for as an edge is, and keeps pages in both
/// tiers. Redis may be absent at the start and later: then pages are rendered.
/// </summary>
internal sealed class OutputCacheNode(IOptions<DistCacheOutputCacheOptions> options, TimeProvider time, ILogger<OutputCacheNode> log) : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan FirstBeat = TimeSpan.FromSeconds(2);

    /// <summary>Beyond the lease: margins, reads of the members, and a take-over at the log.</summary>
    private static readonly TimeSpan BeyondLease = TimeSpan.FromSeconds(10);

    private readonly DistCacheOutputCacheOptions _options = options.Value;
    private readonly List<IAsyncDisposable> _owned = [];
    private FileJournal? _journal;
    private FleetNode? _fleet;
    private int _isDisposed;

    /// <summary>Of pages: what the fleet purges by URL is found here in their spelling.</summary>
    public PurgeIndex Purges { get; } = new(PageUrl.Of);

    /// <summary>Null: not started.</summary>
    public PageTiers? Tiers { get; private set; }

    public bool HoldsLease => _fleet is { HoldsLease: true };

    /// <summary>Null: not started.</summary>
    internal FleetNode? Fleet => _fleet;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var store = await OpenAsync(_options.Redis);
        var forLog = _options.PurgeLogRedis is { } other && other != _options.Redis ? await OpenAsync(other) : store;
        var run = PurgeRecord.NewId();
        _journal = _options.Journal is { } path ? new FileJournal(path, run) : null;
        var fleet = new FleetNode(
            new RedisPurgeLog(forLog), _journal, Purges,
            new FleetOptions { Node = _options.NodeId, Region = _options.Region, Run = run, Replaces = _journal?.LastRun ?? 0, Lease = new LeaseTerms(_options.Lease) }, time);
        fleet.Failed += e => Log.BeatFailed(log, e);
        var memory = new MemoryTier(_options.MemoryBytes, time, Purges);
        var shared = new SharedTier(
            new RedisSharedStore(store), new RedisChunks(store), new RedisLeases(store), fleet, Purges,
            new SharedOptions { Budget = _options.Budget, MostPending = Math.Min(new SharedOptions().MostPending, _options.MemoryBytes / 8) }, time);
        _owned.Add(shared);
        _fleet = fleet;
        Tiers = new PageTiers(memory, shared, Purges, fleet.Lease, time);
        await fleet.StartAsync(FirstBeat);
        if (!fleet.IsReached)
            Log.NotReached(log, forLog.Endpoints);
    }

    /// <summary>In order: no member any more, so nobody waits for this instance.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _fleet?.StopAsync() ?? Task.CompletedTask;

    /// <summary>Returns when it is complete: no member of the fleet serves what the tag selected. Throws when that could not be had in time, or not be appended at all.</summary>
    public async Task EvictAsync(string tag, CancellationToken cancel)
    {
        var fleet = _fleet ?? throw new InvalidOperationException("The app has not started: there is nothing to evict yet.");
        if (await fleet.AppendAsync([new PurgeSelector(PurgeScope.Tag, tag)], PurgeMode.Hard, _options.NodeId, cancel) is not { } purge)
            throw new IOException($"The purge log does not answer: the eviction of '{tag}' is not acknowledged. Try again.");
        var timeout = _options.EvictionTimeout ?? _options.Lease + BeyondLease;
        var progress = await fleet.WaitAsync(purge, region: null, timeout, cancel);
        if (!progress.IsComplete)
            throw new TimeoutException(
                $"The eviction of '{tag}' is in the purge log, at {purge.Entry.At.Position}, but not known to be complete after {timeout}. Waiting for: {string.Join(", ", progress.Pending.Select(member => member.Row.Node))}.");
    }

    public async ValueTask DisposeAsync()
    {
        // The container knows it under two names, and disposes of it for each.
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        if (_fleet is not null)
            await _fleet.DisposeAsync();
        foreach (var owned in Enumerable.Reverse(_owned))
            await owned.DisposeAsync();
        _journal?.Dispose();
    }

    private async Task<RedisConnection> OpenAsync(string redis)
    {
        var connection = await RedisConnection.OpenAsync(redis, $"distcache-{_options.NodeId}");
        _owned.Add(connection);
        return connection;
    }
}
