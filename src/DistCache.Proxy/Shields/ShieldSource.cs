using DistCache.Fleet.Members;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Hops;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Telemetry;
using DistCache.Storage.Keys;
using DistCache.Storage.Shared;
using Microsoft.Extensions.Logging;

namespace DistCache.Proxy.Shields;

/// <summary>
/// Asks the shield region for a fill, before the origin: one of its nodes, another one where that gives no answer, and then the origin. Once an answer has begun
/// it is the answer: a cut from a shield is a cut.
/// </summary>
internal sealed class ShieldSource(
    ProxyConfiguration configuration, ShieldNodes nodes, ShieldConnections connections, IStampClock stamps, NodeIdentity self, OriginOptions options, EdgeMeter meter, TimeProvider time, ILogger<ShieldSource> log)
{
    /// <summary>A node that failed after that long has cost the client enough: the next one could do the same.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>So long without a fall-back, and it is back: not told for each request of a flood in which some fail.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private string? _lost;
    private long _lostAt;

    /// <summary>Where misses go; null: to the origin.</summary>
    public string? Region => configuration.Current.Geo is { Regions: var regions, OwnRegion: var own } && configuration.Current.Secret is not null ? regions.Find(own)?.Shield : null;

    /// <summary>Who would be asked for that key now, in this order.</summary>
    public IEnumerable<MemberRow> NodesFor(string region, CacheKey key) => nodes.For(region, key);

    /// <summary>Null: the origin is to be asked.</summary>
    /// <param name="asOf">Told before the sink: the purge position that the answer is true for.</param>
    public async Task<ExchangeEnd?> AskAsync(FillRequest request, IOriginSink sink, Action<long> asOf, CancellationToken cancel)
    {
        if (Region is not { } region || configuration.Current.Secret is not { } secret)
            return null;
        meter.FillBegins();
        try
        {
            return await AskAsync(region, secret, request, sink, asOf, cancel);
        }
        finally
        {
            meter.FillEnds();
        }
    }

    private async Task<ExchangeEnd?> AskAsync(string region, HopSecret secret, FillRequest request, IOriginSink sink, Action<long> asOf, CancellationToken cancel)
    {
        var startedAt = time.GetTimestamp();
        var reason = "no-node";
        foreach (var node in nodes.For(region, request.Key))
        {
            if (HopFor(request, secret) is not { } hop)
            {
                reason = "no-position";
                break;
            }
            var outcome = await new ShieldExchange(connections, nodes, stamps, self, options, time).RunAsync(node, hop, request, sink, asOf, cancel);
            meter.ShieldAsked(region, Name(outcome));
            if (outcome is ShieldOutcome.Unreachable or ShieldOutcome.TimedOut or ShieldOutcome.Silent)
                nodes.LetRest(node);
            if (EndOf(outcome) is { } end)
            {
                Answers(region);
                return end;
            }
            reason = Name(outcome);
            if (time.GetElapsedTime(startedAt) >= Patience)
                break;
        }
        meter.FellBack(region, reason);
        Lost(region, reason);
        return null;
    }

    /// <summary>Null: what this node knows of purges is no place in a log.</summary>
    private Hop? HopFor(FillRequest request, HopSecret secret) => stamps.StampOf(request.AsOf) is not { } stamp ? null : new()
    {
        Secret = secret,
        At = time.GetUtcNow(),
        Stamp = stamp,
        Key = Hop.KeyOf(request.Key.Bytes),
        Scheme = request.Origin.Scheme,
        Host = request.Origin.Host,
        Client = request.Origin.Client,
        Place = request.Origin.Place,
    };

    private static ExchangeEnd? EndOf(ShieldOutcome outcome) => outcome switch
    {
        ShieldOutcome.Answered => ExchangeEnd.Well,
        ShieldOutcome.Cut => ExchangeEnd.Cut,
        ShieldOutcome.Cancelled => ExchangeEnd.Cancelled,
        _ => null,
    };

    private static string Name(ShieldOutcome outcome) => outcome is ShieldOutcome.TimedOut ? "timed-out" : outcome.ToString().ToLowerInvariant();

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
