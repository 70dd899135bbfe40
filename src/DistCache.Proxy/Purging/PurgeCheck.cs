using DistCache.Semantics.Reuse;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.Proxy.Purging;

/// <summary>Stored responses against the purge index.</summary>
internal sealed class PurgeCheck(PurgeIndex purges, MemoryTier memory, TimeProvider time)
{
    public long Version => purges.Version;

    /// <summary>False: a hard purge has reached it; it is gone. Otherwise <paramref name="reuse"/> is what counts of it now.</summary>
    /// <param name="version"><see cref="Version"/>, read before the look-up: a purge in between is then seen by the next hit.</param>
    public bool MayUse(StoredResponse stored, long version, out ReuseFacts reuse)
    {
        reuse = stored.Reuse;
        var asOf = stored.AsOf;
        if (asOf >= version)
            return true;
        switch (purges.Judge(stored.Identity, asOf, out var softAt))
        {
            case PurgeVerdict.Dead:
                memory.Remove(stored);
                return false;
            case PurgeVerdict.Stale:
                // Stale since the purge; and a validator that cannot tell versions of one second apart confirms nothing after it.
                var staleFrom = time.GetElapsedTime(stored.ReceivedAt, softAt);
                reuse = reuse.StaleFrom(staleFrom > TimeSpan.Zero ? staleFrom : TimeSpan.Zero) with { HasValidator = HasStrongValidator(stored) };
                return true;
            default:
                stored.PassedUpTo(version);
                return true;
        }
    }

    /// <summary>Whether a response, or a fill as of that position, is untouched by every purge so far.</summary>
    public bool IsUntouched(PurgeIdentity identity, long asOf) =>
        asOf >= purges.Version || purges.Judge(identity, asOf, out _) is PurgeVerdict.Valid;

    /// <summary>Responses whose validators may be sent to the origin.</summary>
    public StoredResponse[] Validatable(VariantSet variants)
    {
        var version = purges.Version;
        var usable = new List<StoredResponse>();
        foreach (var stored in variants.Responses)
            if (MayUse(stored, version, out var reuse) && reuse.HasValidator)
                usable.Add(stored);
        return [.. usable];
    }

    public bool HasTagPurgeAfter(long asOf) => purges.HasTagPurgeAfter(asOf);

    /// <summary>RFC 9110 §8.8.2.2: a strong tag, or a Last-Modified at least a second before Date.</summary>
    private static bool HasStrongValidator(StoredResponse stored) =>
        stored.ETag is { IsWeak: false } || stored.Date - stored.LastModified >= TimeSpan.FromSeconds(1);
}
