using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Text;
using DistCache.Fleet;
using DistCache.Fleet.Members;
using DistCache.Storage.Keys;

namespace DistCache.Proxy.Hops;

/// <summary>
/// Which live node of a region is asked for a key. Rendezvous hashing: each node has a score for each key, the highest is asked first; so all askers
/// ask one node for one key, which then fetches it once, and who comes or goes moves only its own keys. Load is bounded: a node that does much more than the
/// others of its region is asked after them.
/// </summary>
internal sealed class FleetNodes(FleetNode fleet, TimeProvider time)
{
    /// <summary>Who gave no answer is left alone for so long, or each miss would wait for it in turn.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    /// <summary>Of the mean load of the region; and a little, lest a few fills among none count as much.</summary>
    private const double MostOfMean = 1.25;
    private const double LittleLoad = 0.05;

    private readonly ConcurrentDictionary<ulong, long> _restsSince = new();

    /// <summary>Best first: who holds its lease before who must validate all that it holds. Without this node and those that rest.</summary>
    public IEnumerable<MemberRow> InTurn(string region, CacheKey key) => Order(Able(region), key).Where(row => !IsSelf(row));

    /// <summary>Who keeps that key for its region; null: this node, or nobody else is there.</summary>
    public MemberRow? OwnerOf(string region, CacheKey key) => Order(Able(region), key).FirstOrDefault() is { } owner && !IsSelf(owner) ? owner : null;

    public bool IsLive(MemberRow row) => fleet.LiveIn(row.Region).Any(live => live.Run == row.Run);

    public void LetRest(MemberRow row)
    {
        foreach (var (run, since) in _restsSince)
            if (time.GetElapsedTime(since) >= Rest)
                _restsSince.TryRemove(run, out _);
        _restsSince[row.Run] = time.GetTimestamp();
    }

    internal static IEnumerable<MemberRow> Order(IReadOnlyCollection<MemberRow> rows, CacheKey key)
    {
        var most = (rows.Count == 0 ? 0 : rows.Average(row => row.Load) * MostOfMean) + LittleLoad;
        return rows.OrderByDescending(row => row.HoldsLease).ThenBy(row => row.Load > most).ThenByDescending(row => Score(row.Node, key));
    }

    private static ulong Score(string node, CacheKey key) => XxHash3.HashToUInt64(key.Bytes, (long)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(node)));

    private MemberRow[] Able(string region) => [.. fleet.LiveIn(region).Where(row => row.DataAddress.Length > 0 && !IsResting(row))];

    private bool IsSelf(MemberRow row) => row.Run == fleet.Options.Run;

    private bool IsResting(MemberRow row) => _restsSince.TryGetValue(row.Run, out var since) && time.GetElapsedTime(since) < Rest;
}
