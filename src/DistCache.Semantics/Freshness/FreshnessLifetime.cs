using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Freshness;

/// <summary>Where a freshness lifetime came from.</summary>
public enum LifetimeSource
{
    None,
    Targeted,
    SMaxAge,
    MaxAge,
    Expires,
    Heuristic,
    Policy,
}

/// <summary>freshness_lifetime (RFC 9111 §4.2.1, §4.2.2). Rules 16-18, 20.</summary>
public readonly record struct FreshnessLifetime(TimeSpan Value, LifetimeSource Source)
{
    /// <summary>Explicit: the response itself said it (s-maxage, max-age, Expires, targeted), even if it said zero.</summary>
    public bool IsExplicit => Source is LifetimeSource.Targeted or LifetimeSource.SMaxAge or LifetimeSource.MaxAge or LifetimeSource.Expires;

    public static FreshnessLifetime Of(ResponseFacts response, CachingOptions options) => throw new NotImplementedException();
}
