using DistCache.Fleet.Members;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Hops;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Telemetry;
using DistCache.Storage.Keys;

namespace DistCache.Proxy.Peers;

/// <summary>
/// The partition of keys inside a region (<c>DistCache:Regions:{name}:Partition</c>): one edge keeps a key for all, the others ask it as they would ask a shield, before the
/// shared tier and the origin. So n edges hold n times the memory of one. What is asked for often is kept by everybody.
/// </summary>
internal sealed class PeerSource(ProxyConfiguration configuration, FleetNodes nodes, HopSource hops, EdgeMeter meter)
{
    private readonly AskCounts _asks = new();

    /// <summary>Who is asked for that key; null: this node keeps it, or its region is not partitioned.</summary>
    public MemberRow? OwnerOf(CacheKey key) =>
        configuration.Current.Geo is { Regions: var regions, OwnRegion: var own } && regions.Find(own) is { IsPartitioned: true } ? nodes.OwnerOf(own, key) : null;

    /// <summary>A peer asks, and takes this node for the owner: whoever is it by what this node knows, it goes no further inside the region.</summary>
    public bool IsPeer(Hop hop) => hop.Region.Equals(configuration.Current.Geo.OwnRegion, StringComparison.OrdinalIgnoreCase);

    /// <summary>Null: go on without it.</summary>
    /// <param name="asOf">Told before the sink: the purge position that the answer is true for.</param>
    public async Task<ExchangeEnd?> AskAsync(MemberRow owner, FillRequest request, IOriginSink sink, Action<long> asOf, CancellationToken cancel) =>
        (await hops.AskAsync([owner], request, sink, asOf, meter.PeerAsked, cancel)).End;

    /// <summary>Whether what the owner has answered is kept here as well. Asked once for each miss.</summary>
    public bool Keeps(CacheKey key) => _asks.Add(key) >= AskCounts.Hot;
}
