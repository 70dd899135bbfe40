using DistCache.Storage.Responses;
using DistCache.Storage.Shared;

namespace DistCache.Proxy.Fills;

/// <summary>What the shared tier can do for a fill.</summary>
internal abstract record SharedFind
{
    /// <summary>It answers, and everybody who may have it.</summary>
    public sealed record Fresh(StoredResponse Response, SharedBody Body) : SharedFind;

    /// <summary>It must be confirmed first; it is in memory by now, where all the rules for what is stale know it.</summary>
    public sealed record Promoted : SharedFind;

    /// <summary>The origin is to be asked.</summary>
    /// <param name="Lease">For the whole region; null: for this node alone.</param>
    /// <param name="Replaces">What stands there is unusable.</param>
    public sealed record Origin(RegionalLease? Lease, bool Replaces) : SharedFind;
}
