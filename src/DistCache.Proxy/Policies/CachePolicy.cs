using DistCache.Semantics.Storing;

namespace DistCache.Proxy.Policies;

/// <summary>How responses of a route are cached: one of <c>DistCache:Policies</c>, as validated. Immutable.</summary>
public sealed record CachePolicy
{
    public required string Name { get; init; }

    public required CachingOptions Caching { get; init; }
}
