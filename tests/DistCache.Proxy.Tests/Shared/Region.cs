using DistCache.Proxy.Fills;
using DistCache.Proxy.Tests.Kit;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;
using DistCache.Storage.Tests.Shared.Kit;
using DistCache.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Tests.Shared;

/// <summary>Edges of one region in this process: one origin, one purge log, one shared store, one clock.</summary>
internal sealed class Region : IAsyncDisposable
{
    private readonly List<EdgeInProcess> _edges = [];

    public Region() => Store = new(Time);

    public SkewedClock Time { get; } = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    public ScriptOrigin Origin { get; } = ScriptOrigin.Start();

    public TestLog Log { get; } = new();

    public MemoryStore Store { get; }

    public SharedOptions Options { get; init; } = new() { ChunkSize = 16 << 10, Budget = TimeSpan.FromSeconds(5) }; // the machine may be busy: what counts here is what is found, not how soon

    public async Task<EdgeInProcess> StartEdgeAsync(string preset = "safe", long capacity = 64 << 20, IReadOnlyDictionary<string, string?>? more = null)
    {
        var edge = await EdgeInProcess.StartAsync(preset, capacity, more: more, sharedOrigin: Origin, clock: Time, configure: services =>
        {
            services.AddSingleton(provider => new TestFollower(Log, provider.GetRequiredService<PurgeIndex>(), Time));
            services.AddSingleton(provider => new SharedTier(Store, Store, Store, provider.GetRequiredService<TestFollower>(), provider.GetRequiredService<PurgeIndex>(), Options, Time));
        });
        _edges.Add(edge);
        return edge;
    }

    public static SharedTier TierOf(EdgeInProcess edge) => edge.Services.GetRequiredService<SharedTier>();

    /// <summary>Acknowledged by all.</summary>
    public void Purge(PurgeMode mode, params PurgeSelector[] selectors)
    {
        Log.Append(mode, selectors);
        foreach (var edge in _edges)
            edge.Services.GetRequiredService<TestFollower>().Follow();
    }

    /// <summary>What fills have brought is written. A client has its answer a little sooner than its fill has ended, and only then is there anything to write.</summary>
    public Task WrittenAsync(EdgeInProcess edge) => Eventually.TrueAsync(() =>
        Task.FromResult(edge.Services.GetRequiredService<FillServices>().UnderWay == 0 && TierOf(edge).Writer.Pending == 0));

    /// <summary>The clock goes on, for who waits by it.</summary>
    public async Task<T> WhileTimePassesAsync<T>(Task<T> work)
    {
        await Eventually.TrueAsync(() =>
        {
            if (!work.IsCompleted)
                Time.Advance(TimeSpan.FromMilliseconds(20));
            return work.IsCompleted;
        });
        return await work;
    }

    public int Fetches(string target) => Origin.Requests(target).Count;

    public async ValueTask DisposeAsync()
    {
        foreach (var edge in _edges)
            await edge.DisposeAsync();
        await Origin.DisposeAsync();
    }
}
