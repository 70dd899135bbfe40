using DistCache.Semantics.Freshness;
using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Reuse;

/// <summary>What a stored response carries for the question "may it answer". Read once when it is stored or freshened.</summary>
public readonly record struct ReuseFacts
{
    public required TimeSpan InitialAge { get; init; }
    public required TimeSpan Lifetime { get; init; }
    public LifetimeSource LifetimeSource { get; init; }

    /// <summary>Unqualified no-cache: validated at each use.</summary>
    public bool NoCache { get; init; }

    /// <summary>must-revalidate, proxy-revalidate, s-maxage or no-cache as rule 24 and the policy have it: never stale.</summary>
    public bool ForbidsStale { get; init; }

    public TimeSpan StaleWhileRevalidate { get; init; }
    public TimeSpan StaleIfError { get; init; }
    public TimeSpan StaleIfUnreachable { get; init; }
    public bool HasValidator { get; init; }

    /// <summary>It may have been purged without this node knowing: neither fresh nor stale, usable only once the origin has confirmed it (rule 11 of the purge protocol).</summary>
    public bool IsSuspect { get; init; }

    public TimeSpan AgeAfter(TimeSpan resident) => InitialAge + resident;

    /// <summary>Seconds of freshness left; negative when stale (the ttl of RFC 9211 §2.4).</summary>
    public TimeSpan TtlAfter(TimeSpan resident) => Lifetime - AgeAfter(resident);

    /// <summary>How long it has been stale; negative while it is fresh.</summary>
    public TimeSpan StaleFor(TimeSpan resident) => -TtlAfter(resident);

    /// <summary>Stale from this moment on, as a soft purge makes it; the windows count from here (rule 28). What was stale before stays as it was.</summary>
    public ReuseFacts StaleFrom(TimeSpan resident) => TtlAfter(resident) > TimeSpan.Zero ? this with { Lifetime = AgeAfter(resident) } : this;

    /// <summary>The origin's windows, else the policy's; none at all where a directive forbids to serve stale.</summary>
    public static ReuseFacts Of(ResponseFacts response, TimeSpan initialAge, CachingOptions options)
    {
        var directives = response.Directives;
        var lifetime = FreshnessLifetime.Of(response, options);
        // A stored error is no better than the one that would replace it: the policy's windows are for answers.
        var isError = response.Status >= 500;
        return new()
        {
            InitialAge = initialAge,
            Lifetime = lifetime.Value,
            LifetimeSource = lifetime.Source,
            NoCache = directives.NoCache,
            ForbidsStale = ForbidsStaleOf(directives, options),
            StaleWhileRevalidate = directives.StaleWhileRevalidate ?? (isError ? null : options.StaleWhileRevalidate) ?? TimeSpan.Zero,
            StaleIfError = directives.StaleIfError ?? (isError ? null : options.StaleIfError) ?? TimeSpan.Zero,
            StaleIfUnreachable = isError ? TimeSpan.Zero : options.StaleIfUnreachable,
            HasValidator = response.ETag is not null || response.LastModified is not null,
        };
    }

    // §4.2.4. s-maxage carries the meaning of proxy-revalidate (§5.2.2.10); a lifetime that cannot be read promises nothing either.
    private static bool ForbidsStaleOf(ResponseDirectives directives, CachingOptions options) =>
        directives.MustRevalidate || directives.NoCache || directives.HasInvalidLifetime
        || (!options.IgnoreProxyRevalidate && (directives.ProxyRevalidate || directives.SMaxAge is not null));
}
