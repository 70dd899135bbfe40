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

    public TimeSpan AgeAfter(TimeSpan resident) => InitialAge + resident;

    /// <summary>Seconds of freshness left; negative when stale (the ttl of RFC 9211 §2.4).</summary>
    public TimeSpan TtlAfter(TimeSpan resident) => Lifetime - AgeAfter(resident);

    public static ReuseFacts Of(ResponseFacts response, TimeSpan initialAge, CachingOptions options) => throw new NotImplementedException();
}
