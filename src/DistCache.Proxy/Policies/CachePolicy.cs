using DistCache.Proxy.Keys;
using DistCache.Semantics.Storing;

namespace DistCache.Proxy.Policies;

/// <summary>How responses of a route are cached: one of <c>DistCache:Policies</c>, as validated. Immutable.</summary>
public sealed class CachePolicy
{
    public CachePolicy(string name, CachingOptions caching)
    {
        Name = name;
        Caching = caching;
        Normalizer = new(caching.Vary);
    }

    public string Name { get; }

    public CachingOptions Caching { get; }

    internal VaryNormalizer Normalizer { get; }
}
