using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>A fleet that is started once, for all scenarios that leave it as they found it.</summary>
public abstract class KeptFleet : IAsyncLifetime
{
    private EdgeFleet? _fleet;
    private int _nextKey;

    public async ValueTask InitializeAsync()
    {
        if (RedisProcess.Program is not null)
            _fleet = await EdgeFleet.StartAsync(Start);
    }

    protected abstract FleetStart Start { get; }

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
