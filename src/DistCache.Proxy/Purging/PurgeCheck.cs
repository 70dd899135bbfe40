using DistCache.Fleet;
using DistCache.Proxy.Policies;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.Proxy.Purging;

/// <summary>Stored responses against the purge index, and whether this node knows enough of purges to ask it.</summary>
internal sealed class PurgeCheck
{
    private readonly PurgeIndex _purges;
    private readonly FleetNode _fleet;
    private readonly MemoryTier _memory;
    private readonly TimeProvider _time;
    private readonly Lease _lease;

    public PurgeCheck(PurgeIndex purges, FleetNode fleet, MemoryTier memory, TimeProvider time)
        : this(purges, fleet, memory, time, PathRules.All)
    {
    }

    internal PurgeCheck(PurgeIndex purges, FleetNode fleet, MemoryTier memory, TimeProvider time, PathRules rules) =>
        (_purges, _fleet, _memory, _time, _lease, Rules) = (purges, fleet, memory, time, fleet.Lease, rules);

    /// <summary>All of them, but in tests.</summary>
    public PathRules Rules { get; }

    public long Version => _purges.Version;

    /// <summary>
    /// Everything held is suspect: purges may have been missed, or are not known as newly as the policy wants. To be asked before
    /// <see cref="Version"/> is read: between the two the node may apply a purge and get its lease back (V10).
    /// </summary>
    /// <param name="now">Read for this request.</param>
    public bool IsFenced(long now, CachePolicy policy) =>
        !(policy.Consistency is Consistency.Bounded ? _lease.IsFollowed(now, (long)(policy.MaxLag.TotalSeconds * _time.TimestampFrequency)) : _lease.IsHeld(now))
        && !(policy.Partition is Partition.Serve && _fleet.ServesOn)
        && Rules.Fences;

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
        switch (_purges.Judge(stored.Identity, asOf, out var softAt))
        {
            case PurgeVerdict.Dead when Rules.HardIsGone:
                _memory.Remove(stored);
                return false;
            case PurgeVerdict.Dead or PurgeVerdict.Suspect when Rules.SuspectIsNotStale:
                reuse = Suspect(stored, reuse);
                return true;
            case PurgeVerdict.Stale or PurgeVerdict.Suspect or PurgeVerdict.Dead:
                // Stale since the purge; and a validator that cannot tell versions of one second apart confirms nothing after it.
                var staleFrom = _time.GetElapsedTime(stored.ReceivedAt, softAt);
                reuse = reuse.StaleFrom(staleFrom > TimeSpan.Zero ? staleFrom : TimeSpan.Zero) with { HasValidator = Confirms(stored) };
                return true;
            default:
                stored.PassedUpTo(Rules.VersionBeforeLookUp ? version : _purges.Version); // also while fenced: it says no more than that no purge known here selects it
                return true;
        }
    }

    /// <summary>Whether a response, or a fill as of that position, is untouched by every purge so far.</summary>
    public bool IsUntouched(PurgeIdentity identity, long asOf) =>
        asOf >= _purges.Version || _purges.Judge(identity, asOf, out _) is PurgeVerdict.Valid;

    /// <summary>What an answer is as of whose exchange began as of that position (rule 12).</summary>
    public long AsOfAnswer(long asOfStart) => Rules.AsOfStart ? asOfStart : Version;

    /// <summary>Responses whose validators may be sent to the origin.</summary>
    public StoredResponse[] Validatable(VariantSet variants, bool isFenced)
    {
        var version = _purges.Version;
        var usable = new List<StoredResponse>();
        foreach (var stored in variants.Responses)
            if (MayUse(stored, version, isFenced, out var reuse) && reuse.HasValidator)
                usable.Add(stored);
        return [.. usable];
    }

    public bool HasTagPurgeAfter(long asOf) => _purges.HasTagPurgeAfter(asOf);

    // What cannot tell two versions of one second apart confirms nothing (V16).
    private ReuseFacts Suspect(StoredResponse stored, in ReuseFacts reuse) => reuse with { IsSuspect = true, HasValidator = Confirms(stored) };

    /// <summary>RFC 9110 §8.8.2.2: a strong tag, or a Last-Modified at least a second before Date.</summary>
    private bool Confirms(StoredResponse stored) =>
        stored.ETag is { IsWeak: false } || stored.Date - stored.LastModified >= TimeSpan.FromSeconds(1) || (!Rules.OnlyStrongConfirm && stored.Reuse.HasValidator);
}
