using DistCache.Proxy.Keys;
using DistCache.Proxy.Requests;
using DistCache.Semantics.Reuse;
using DistCache.Semantics.Storing;
using Microsoft.AspNetCore.Http;

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

    /// <summary>Changes with anything that is written in the policy's section.</summary>
    public string Revision { get; init; } = "";

    public CachingOptions Caching { get; }

    /// <summary>Added to the tags of every response.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Bytes of a body; null: the node's limit.</summary>
    public long? MaxObjectSize { get; init; }

    /// <summary>By which part of itself a lifetime may be shortened, 0 to 1.</summary>
    public double Jitter { get; init; }

    /// <summary>How new the purge log must be known.</summary>
    public Consistency Consistency { get; init; }

    /// <summary>For <see cref="Consistency.Bounded"/>: how old the last word from the purge log may be.</summary>
    public TimeSpan MaxLag { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What to do without the purge log.</summary>
    public Partition Partition { get; init; }

    /// <summary>No field of a request, and nothing of its client, decides whether it is looked up, or what its key is.</summary>
    internal bool IsByUrlAlone => Bypass is null && Key.IsByUrlAlone && Consistency is Consistency.Eventual;

    internal KeyRules Key { get; init; } = KeyRules.None;

    internal BypassRules? Bypass { get; init; }

    internal VaryNormalizer Normalizer { get; }

    /// <summary>Whether a look-up would have sent the origin this very request: it rewrites the query and leaves fields out.</summary>
    internal bool IsAsLookedUp(HttpRequest request) => Key.Query?.Leaves(request) is not false && !Normalizer.Removes(request.Headers);

    internal long MostBytes(EdgeLimits limits) => Math.Min(MaxObjectSize ?? long.MaxValue, limits.MaxObjectSize);

    /// <summary>Null stays null: a purge of any tag selects it.</summary>
    internal IReadOnlyList<string>? WithTags(IReadOnlyList<string>? tags) => tags is null || Tags.Count == 0 ? tags : [.. tags.Union(Tags, StringComparer.Ordinal)];

    internal ReuseFacts Jittered(ReuseFacts reuse) => Jitter > 0 ? reuse with { Lifetime = reuse.Lifetime * (1 - (Jitter * Random.Shared.NextDouble())) } : reuse;
}
