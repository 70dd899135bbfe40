using DistCache.Fleet.Members;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Telemetry;
using DistCache.Storage.Shared;

namespace DistCache.Proxy.Hops;

/// <summary>
/// Asks nodes for a fill, one where the other gives no answer. Once an answer has begun it is the answer: a cut is a cut.
/// </summary>
internal sealed class HopSource(
    ProxyConfiguration configuration, FleetNodes nodes, HopConnections connections, HopPings pings, IStampClock stamps, NodeIdentity self, OriginOptions options, EdgeMeter meter, PurgeCheck purges, TimeProvider time)
{
    /// <summary>A node that failed after that long has cost the client enough: the next one could do the same.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <param name="asOf">Told before the sink: the purge position that the answer is true for.</param>
    /// <param name="asked">Told of each node that was asked.</param>
    /// <returns>The end is null where nobody gave an answer; then the reason says why.</returns>
    public async Task<(ExchangeEnd? End, string Reason)> AskAsync(
        IEnumerable<MemberRow> inTurn, FillRequest request, IOriginSink sink, Action<long> asOf, Action<string> asked, CancellationToken cancel)
    {
        var startedAt = time.GetTimestamp();
        var reason = "no-node";
        foreach (var node in inTurn)
        {
            if (HopFor(request) is not { } hop)
                return (null, "no-position");
            var outcome = await AskAsync(node, hop, request, sink, asOf, cancel);
            reason = Name(outcome);
            asked(reason);
            // Not where one answer was late: that is its origin's matter, and of one key.
            if (outcome is HopOutcome.Unreachable or HopOutcome.Silent)
                nodes.LetRest(node);
            if (EndOf(outcome) is { } end)
                return (end, reason);
            // What this node cannot compare it will not be able to compare with another one's answer either: the log is out of its reach.
            if (outcome is HopOutcome.Incomparable || time.GetElapsedTime(startedAt) >= Patience)
                break;
        }
        return (null, reason);
    }

    private async Task<HopOutcome> AskAsync(MemberRow node, Hop hop, FillRequest request, IOriginSink sink, Action<long> asOf, CancellationToken cancel)
    {
        var outcome = HopOutcome.Unreachable;
        using var span = EdgeTrace.Hop(request.Origin);
        meter.FillBegins();
        try
        {
            return outcome = await new HopExchange(connections, pings, nodes, stamps, self, options, purges.Rules, time).RunAsync(node, hop, request, span, sink, asOf, cancel);
        }
        finally
        {
            meter.FillEnds();
            EdgeTrace.Ended(span, request.Origin.Record, outcome is HopOutcome.Answered ? null : Name(outcome));
            meter.HopEnded(node.Region, Name(outcome), request.Origin.Record);
        }
    }

    /// <summary>Null: what this node knows of purges is no place in a log, or there is no secret.</summary>
    private Hop? HopFor(FillRequest request) => configuration.Current.Secret is not { } secret || stamps.StampOf(request.AsOf) is not { } stamp || !Tells(stamp, request) ? null : new()
    {
        Secret = secret,
        At = time.GetUtcNow(),
        Stamp = stamp,
        Key = Hop.KeyOf(request.Key.Bytes),
        Region = configuration.Current.Geo.OwnRegion,
        Scheme = request.Origin.Scheme,
        Host = request.Origin.Host,
        Client = request.Origin.Client,
        Place = request.Origin.Place,
    };

    /// <summary>Who is asked by that stamp hears of every purge that selects the response. What a write through this node has made invalid has no place until the log has it, and who wrote reads what was written (rule 45).</summary>
    private bool Tells(in Stamp stamp, FillRequest request) => stamps.PlaceOf(stamp, out var told) is StampPlace.Known && purges.IsUntouched(request.Identity, told);

    private static ExchangeEnd? EndOf(HopOutcome outcome) => outcome switch
    {
        HopOutcome.Answered => ExchangeEnd.Well,
        HopOutcome.Cut => ExchangeEnd.Cut,
        HopOutcome.Cancelled => ExchangeEnd.Cancelled,
        _ => null,
    };

    private static string Name(HopOutcome outcome) => outcome is HopOutcome.TimedOut ? "timed-out" : outcome.ToString().ToLowerInvariant();
}
