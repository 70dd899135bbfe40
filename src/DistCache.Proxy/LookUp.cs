using DistCache.Proxy.Hops;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Policies;
using DistCache.Semantics.Reuse;
using DistCache.Semantics.Storing;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Responses;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy;

/// <summary>What the look-up found and the reuse rules said of it.</summary>
internal sealed record LookUp
{
    public required HttpContext Context { get; init; }
    public required CachePolicy Policy { get; init; }
    public required CacheKey Key { get; init; }
    public required RequestFacts Facts { get; init; }
    public required VariantSet? Variants { get; init; }
    public required StoredResponse? Stored { get; init; }

    /// <summary>What counts of the stored response now: a soft purge has made it stale.</summary>
    public required ReuseFacts Reuse { get; init; }
    public required ReuseDecision Decision { get; init; }
    public required ReuseReason Reason { get; init; }

    /// <summary>When the request came: a fenced node answers it only from what began later (rule 6).</summary>
    public required long Arrived { get; init; }

    public required bool IsFenced { get; init; }

    /// <summary>The policy is strong, and the log could not be asked.</summary>
    public bool IsUnconfirmed { get; init; }

    /// <summary>Null: a client asks, and no node of the fleet.</summary>
    public Hop? Hop { get; init; }

    /// <summary>How often this request has been looked up before.</summary>
    public int Looks { get; init; }

    public bool HasConditions => Context.Request.Headers.IfNoneMatch.Count > 0 || Context.Request.Headers.IfModifiedSince.Count > 0;

    public DetachedRequest Detach(string method)
    {
        var request = new DetachedRequest(Context, Context.GetEndpoint()!) { Method = method };
        Policy.Normalizer.Rewrite(request.Headers);
        return request;
    }
}
