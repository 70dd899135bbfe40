using DistCache.Fleet;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Policies;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.Proxy.Purging;

/// <summary>Stored responses against the purge index, and whether this node knows enough of purges to ask it.</summary>
internal sealed class PurgeCheck(PurgeIndex purges, FleetNode fleet, MemoryTier memory, TimeProvider time, PurgeCheckRules rules)
{
    private readonly Lease _lease = fleet.Lease;
    private readonly bool _fences = rules.Fences;

    public long Version => purges.Version;

    /// <summary>
    /// Everything held is suspect: purges may have been missed, or are not known as newly as the policy wants. To be asked before
    /// <see cref="Version"/> is read: between the two the node may apply a purge and get its lease back (V10).
    /// </summary>
    /// <param name="now">Read for this request.</param>
    public bool IsFenced(long now, CachePolicy policy) =>
        _fences && !(policy.Consistency is Consistency.Bounded ? _lease.IsFollowed(now, (long)(policy.MaxLag.TotalSeconds * time.TimestampFrequency)) : _lease.IsHeld(now))
        && !(policy.Partition is Partition.Serve && fleet.ServesOn);

    /// <summary>False: a hard purge has reached it; it is gone. Otherwise <paramref name="reuse"/> is what counts of it now.</summary>
    /// <param name="version"><see cref="Version"/>, read before the look-up: a purge in between is then seen by the next hit.</param>
    /// <param name="isFenced">As <see cref="IsFenced"/> said before.</param>
    public bool MayUse(StoredResponse stored, long version, bool isFenced, out ReuseFacts reuse)
    {
        reuse = stored.Reuse;
        var asOf = stored.AsOf;
        if (isFenced)
            reuse = Suspect(stored, reuse);
        if (asOf >= version)
            return true;
        switch (purges.Judge(stored.Identity, asOf, out var softAt))
        {
            case PurgeVerdict.Dead:
                memory.Remove(stored);
                return false;
            case PurgeVerdict.Suspect:
                reuse = Suspect(stored, reuse);
                return true;
            case PurgeVerdict.Stale:
                // Stale since the purge; and a validator that cannot tell versions of one second apart confirms nothing after it.
                var staleFrom = time.GetElapsedTime(stored.ReceivedAt, softAt);
                reuse = reuse.StaleFrom(staleFrom > TimeSpan.Zero ? staleFrom : TimeSpan.Zero) with { HasValidator = HasStrongValidator(stored) };
                return true;
            default:
                stored.PassedUpTo(version); // also while fenced: it says no more than that no purge known here selects it
                return true;
        }
    }

    /// <summary>What an answer is true for: what was known before it was asked for, and not when it came.</summary>
    public long AsOf(FillRequest request) => rules.AsOfFromStart ? request.AsOf : purges.Version;

    /// <summary>Whether a response, or a fill as of that position, is untouched by every purge so far.</summary>
    public bool IsUntouched(PurgeIdentity identity, long asOf) =>
        asOf >= purges.Version || purges.Judge(identity, asOf, out _) is PurgeVerdict.Valid;

    /// <summary>Responses whose validators may be sent to the origin.</summary>
    public StoredResponse[] Validatable(VariantSet variants, bool isFenced)
    {
        var version = purges.Version;
        var usable = new List<StoredResponse>();
        foreach (var stored in variants.Responses)
            if (MayUse(stored, version, isFenced, out var reuse) && reuse.HasValidator)
                usable.Add(stored);
        return [.. usable];
    }

    public bool HasTagPurgeAfter(long asOf) => purges.HasTagPurgeAfter(asOf);

    // What cannot tell two versions of one second apart confirms nothing (V16).
    private static ReuseFacts Suspect(StoredResponse stored, in ReuseFacts reuse) => reuse with { IsSuspect = true, HasValidator = HasStrongValidator(stored) };

    /// <summary>RFC 9110 §8.8.2.2: a strong tag, or a Last-Modified at least a second before Date.</summary>
    private static bool HasStrongValidator(StoredResponse stored) =>
        stored.ETag is { IsWeak: false } || stored.Date - stored.LastModified >= TimeSpan.FromSeconds(1);
}
