using DistCache.Proxy.Origins;
using DistCache.Proxy.Policies;
using DistCache.Semantics.Storing;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;

namespace DistCache.Proxy.Fills;

/// <summary>What to fetch, for which key, and what is stored already.</summary>
internal sealed record FillRequest
{
    public required DetachedRequest Origin { get; init; }

    public required RequestFacts Facts { get; init; }

    public required CacheKey Key { get; init; }

    public required CachePolicy Policy { get; init; }

    /// <summary>Stored responses of the key to validate; null: none, or none may be.</summary>
    public VariantSet? Stored { get; init; }

    /// <summary>Nothing stored and the client has conditions: they go to the origin unchanged and its 304 goes back (rule 35).</summary>
    public bool KeepsConditions { get; init; }
}
