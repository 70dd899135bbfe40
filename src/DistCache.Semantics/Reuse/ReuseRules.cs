using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Reuse;

/// <summary>RFC 9111 §4, §4.2.4, §5.2.1, RFC 5861: rules 22-29.</summary>
public static class ReuseRules
{
    /// <param name="resident">Time since the response was received, by a monotonic clock.</param>
    public static ReuseDecision Decide(in RequestFacts request, in ReuseFacts stored, TimeSpan resident, CachingOptions options, out ReuseReason reason) =>
        throw new NotImplementedException();

    /// <summary>Nothing is stored: Fetch, or GatewayTimeout for only-if-cached.</summary>
    public static ReuseDecision DecideWithoutStored(in RequestFacts request, CachingOptions options) => throw new NotImplementedException();

    /// <summary>The origin failed while we validated or fetched: may the stale response answer (stale-if-error, StaleIfUnreachable)?</summary>
    public static bool MayServeOnFailure(in RequestFacts request, in ReuseFacts stored, TimeSpan resident, OriginFailure failure, CachingOptions options) =>
        throw new NotImplementedException();
}
