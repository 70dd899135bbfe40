using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Text;
using DistCache.Fleet;
using DistCache.Fleet.Members;
using DistCache.Storage.Keys;

namespace DistCache.Proxy.Shields;

/// <summary>
/// Which live node of a region is asked for a key. Rendezvous hashing: each node has a score for each key, the highest is asked first; so all askers
/// ask one node for one key, which then fetches it once, and who comes or goes moves only its own keys.
/// </summary>
internal sealed class ShieldNodes(FleetNode fleet, TimeProvider time)
{
    /// <summary>Who gave no answer is left alone for so long, or each miss would wait for it in turn.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<ulong, long> _restsSince = new();

    /// <summary>Best first: who holds its lease before who must validate all that it holds. Without those that rest.</summary>
    public IEnumerable<MemberRow> For(string region, CacheKey key) => fleet.LiveIn(region)
        .Where(row => row.DataAddress.Length > 0 && row.Run != fleet.Options.Run && !IsResting(row))
        .OrderByDescending(row => row.HoldsLease)
        .ThenByDescending(row => Score(row.Node, key));

    public bool IsLive(MemberRow row) => fleet.LiveIn(row.Region).Any(live => live.Run == row.Run);

    public void LetRest(MemberRow row)
    {
        foreach (var (run, since) in _restsSince)
            if (time.GetElapsedTime(since) >= Rest)
                _restsSince.TryRemove(run, out _);
        _restsSince[row.Run] = time.GetTimestamp();
    }

    internal static ulong Score(string node, CacheKey key) => XxHash3.HashToUInt64(key.Bytes, (long)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(node)));

    private bool IsResting(MemberRow row) => _restsSince.TryGetValue(row.Run, out var since) && time.GetElapsedTime(since) < Rest;
}
