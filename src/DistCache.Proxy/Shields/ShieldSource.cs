using DistCache.Fleet.Members;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Hops;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Telemetry;
using DistCache.Storage.Keys;
using Microsoft.Extensions.Logging;

namespace DistCache.Proxy.Shields;

/// <summary>Asks the shield region for a fill, before the origin: one of its nodes, another one where that gives no answer, and then the origin.</summary>
internal sealed class ShieldSource(ProxyConfiguration configuration, FleetNodes nodes, HopSource hops, EdgeMeter meter, TimeProvider time, ILogger<ShieldSource> log)
{
    /// <summary>So long without a fall-back, and it is back: not told for each request of a flood in which some fail.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private string? _lost;
    private long _lostAt;

    /// <summary>Where misses go; null: to the origin.</summary>
    public string? Region => configuration.Current.Geo is { Regions: var regions, OwnRegion: var own } ? regions.Find(own)?.Shield : null;

    /// <summary>Who would be asked for that key now, in this order.</summary>
    public IEnumerable<MemberRow> NodesFor(string region, CacheKey key) => nodes.InTurn(region, key);

    /// <summary>Null: the origin is to be asked.</summary>
    /// <param name="asOf">Told before the sink: the purge position that the answer is true for.</param>
    public async Task<ExchangeEnd?> AskAsync(string region, FillRequest request, IOriginSink sink, Action<long> asOf, CancellationToken cancel)
    {
        var (end, reason) = await hops.AskAsync(nodes.InTurn(region, request.Key), request, sink, asOf, outcome => meter.ShieldAsked(region, outcome), cancel);
        if (end is not null)
        {
            Answers(region);
            return end;
        }
        meter.FellBack(region, reason);
        Lost(region, reason);
        return null;
    }

    private void Lost(string region, string reason)
    {
        lock (_gate)
        {
            if (_lost != region)
                Log.ShieldLost(log, region, reason);
            (_lost, _lostAt) = (region, time.GetTimestamp());
        }
    }

    private void Answers(string region)
    {
        if (Volatile.Read(ref _lost) is null)
            return;
        lock (_gate)
        {
            if (_lost is null || time.GetElapsedTime(_lostAt) < Calm)
                return;
            Log.ShieldBack(log, region);
            _lost = null;
        }
    }
}
