using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Freshness;

/// <summary>Where a freshness lifetime came from.</summary>
public enum LifetimeSource
{
    None,

    /// <summary>A targeted field or Surrogate-Control.</summary>
    Targeted,
    SMaxAge,
    MaxAge,
    Expires,
    Heuristic,
    Policy,
}

/// <summary>freshness_lifetime (RFC 9111 §4.2.1, §4.2.2). Rules 16-18, 20. Never negative.</summary>
public readonly record struct FreshnessLifetime(TimeSpan Value, LifetimeSource Source)
{
    /// <summary>Explicit: the response itself said it (s-maxage, max-age, Expires, targeted), even if it said zero.</summary>
    public bool IsExplicit => Source is LifetimeSource.Targeted or LifetimeSource.SMaxAge or LifetimeSource.MaxAge or LifetimeSource.Expires;

    public static FreshnessLifetime Of(ResponseFacts response, CachingOptions options)
    {
        var lifetime = Unbounded(response, options);
        // What an operator wishes for answers is not for errors, nor for what the origin wants to be asked about each time.
        if (response.Status < 400 && !response.Directives.NoCache)
        {
            if (options.FixedLifetime is { } fixedLifetime)
                return new(fixedLifetime, LifetimeSource.Policy);
            if (lifetime.Source is not LifetimeSource.None && lifetime.Value < options.MinimumLifetime)
                return lifetime with { Value = options.MinimumLifetime.Value };
        }
        return lifetime.Value > options.MaximumLifetime ? lifetime with { Value = options.MaximumLifetime.Value } : lifetime;
    }

    private static FreshnessLifetime Unbounded(ResponseFacts response, CachingOptions options)
    {
        var lifetime = Explicit(response);
        if (lifetime.IsExplicit || (options.Preset == Preset.Safe && Statuses.IsPoisonProne(response.Status)))
            return lifetime;
        if (options.LifetimePerStatus.TryGetValue(response.Status, out var value) && value > TimeSpan.Zero)
            return new(value, LifetimeSource.Policy);
        return options.Heuristics ? Heuristic(response, options) : default;
    }

    private static FreshnessLifetime Explicit(ResponseFacts response)
    {
        var directives = response.Directives;
        var isTargeted = directives.Source is DirectiveSource.Targeted or DirectiveSource.SurrogateControl;
        // Invalid freshness information means stale (§4.2.1), also beside a valid directive, and it leaves no room for a guess (rule 17).
        if (directives.HasInvalidLifetime)
            return new(TimeSpan.Zero, isTargeted ? LifetimeSource.Targeted : LifetimeSource.MaxAge);
        if (directives.SMaxAge is { } sMaxAge)
            return new(sMaxAge, isTargeted ? LifetimeSource.Targeted : LifetimeSource.SMaxAge);
        if (directives.MaxAge is { } maxAge)
            return new(maxAge, isTargeted ? LifetimeSource.Targeted : LifetimeSource.MaxAge);
        if (response.Expires is { } expires)
            return new(expires > response.Date ? expires - response.Date : TimeSpan.Zero, LifetimeSource.Expires);
        return default;
    }

    private static FreshnessLifetime Heuristic(ResponseFacts response, CachingOptions options)
    {
        if (!response.Directives.Public && !Statuses.IsHeuristicallyCacheable(response.Status))
            return default;
        if (response.LastModified is not { } lastModified || lastModified >= response.Date)
            return default;
        var guess = (response.Date - lastModified) * options.HeuristicFraction;
        return new(guess < options.HeuristicMaximum ? guess : options.HeuristicMaximum, LifetimeSource.Heuristic);
    }
}
