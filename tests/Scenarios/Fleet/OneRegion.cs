using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>Three edges of one region, for all scenarios that leave a fleet as they found it.</summary>
public class OneRegion : IAsyncLifetime
{
    private EdgeFleet? _fleet;
    private int _nextKey;

    public async ValueTask InitializeAsync()
    {
        if (RedisProcess.Program is not null)
            _fleet = await EdgeFleet.StartAsync(new FleetStart
            {
                EdgesPerRegion = 3,
                Lease = TimeSpan.FromSeconds(5),
                Keys = 100_000,
                Environment = Environment,
            });
    }

    /// <summary>Of its edges, besides what makes them a fleet.</summary>
    protected virtual IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>();

    /// <summary>Mended; skips the test where there is no Redis.</summary>
    public async Task<EdgeFleet> ReadyAsync()
    {
        Assert.SkipWhen(_fleet is null, "redis-server is not installed.");
        _fleet.Mend();
        await _fleet.WaitUntilServingAsync();
        return _fleet;
    }

    /// <summary>A page that nobody has asked for yet.</summary>
    public int NewKey() => Interlocked.Increment(ref _nextKey);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_fleet is not null)
            await _fleet.DisposeAsync();
    }
}
