using DistCache.Semantics.Fields;
using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Reuse;

/// <summary>RFC 9111 §4, §4.2.4, §5.2.1, RFC 5861: rules 22-29. Nothing here allocates.</summary>
/// <remarks>
/// Fresh only while lifetime &gt; age (§4.2). Windows include their end: "up to the indicated number of seconds" (RFC 5861 §3, §4),
/// "no more than" (RFC 9111 §5.2.1.2); a window of zero is none.
/// </remarks>
public static class ReuseRules
{
    /// <param name="resident">Time since the response was received, by a monotonic clock.</param>
    public static ReuseDecision Decide(in RequestFacts request, in ReuseFacts stored, TimeSpan resident, CachingOptions options, out ReuseReason reason)
    {
        var wishes = Wishes(request, options);
        reason = ReasonFor(wishes, stored, resident);
        switch (reason)
        {
            case ReuseReason.Fresh or ReuseReason.RequestMaxStale:
                return ReuseDecision.Serve;
            // only-if-cached asks for no origin request at all: somebody else's request will validate.
            case ReuseReason.StaleWhileRevalidate:
                return request.Directives.OnlyIfCached ? ReuseDecision.Serve : ReuseDecision.ServeStaleAndValidate;
            case var _ when request.Directives.OnlyIfCached:
                reason = ReuseReason.OnlyIfCached;
                return ReuseDecision.GatewayTimeout;
            default:
                return stored.HasValidator ? ReuseDecision.Validate : ReuseDecision.Fetch;
        }
    }

    /// <summary>Nothing is stored: Fetch, or GatewayTimeout for only-if-cached (both presets: it costs the origin nothing).</summary>
    public static ReuseDecision DecideWithoutStored(in RequestFacts request, CachingOptions options) =>
        request.Directives.OnlyIfCached ? ReuseDecision.GatewayTimeout : ReuseDecision.Fetch;

    /// <summary>The origin failed while we validated or fetched: may the stale response answer (stale-if-error, StaleIfUnreachable)?</summary>
    /// <remarks>RFC 5861 §4: "regardless of other freshness information"; so request max-age and min-fresh do not stand against it, request no-cache does.</remarks>
    public static bool MayServeOnFailure(in RequestFacts request, in ReuseFacts stored, TimeSpan resident, OriginFailure failure, CachingOptions options)
    {
        if (stored.IsSuspect || stored.NoCache || stored.ForbidsStale || Wishes(request, options).NoCache)
            return false;
        var staleFor = stored.StaleFor(resident);
        return IsWithin(stored.StaleIfError, staleFor)
            || (failure == OriginFailure.Unreachable && IsWithin(stored.StaleIfUnreachable, staleFor));
    }

    private static RequestDirectives Wishes(in RequestFacts request, CachingOptions options) =>
        options.HonourRequestDirectives ? request.Directives : default;

    private static ReuseReason ReasonFor(in RequestDirectives wishes, in ReuseFacts stored, TimeSpan resident)
    {
        if (stored.IsSuspect)
            return ReuseReason.Suspect;
        if (stored.NoCache)
            return ReuseReason.NoCache;
        if (wishes.NoCache)
            return ReuseReason.RequestNoCache;
        var ttl = stored.TtlAfter(resident);
        var isTooOld = stored.AgeAfter(resident) > wishes.MaxAge;
        if (ttl <= TimeSpan.Zero)
            return isTooOld ? ReuseReason.Stale : ReasonWhenStale(wishes, stored, -ttl);
        if (isTooOld)
            return ReuseReason.RequestMaxAge;
        return ttl < wishes.MinFresh ? ReuseReason.RequestMinFresh : ReuseReason.Fresh;
    }

    private static ReuseReason ReasonWhenStale(in RequestDirectives wishes, in ReuseFacts stored, TimeSpan staleFor)
    {
        if (stored.ForbidsStale || wishes.MinFresh is not null)
            return ReuseReason.Stale;
        if (staleFor <= wishes.MaxStale)
            return ReuseReason.RequestMaxStale;
        // A client that names an age and no max-stale does not want a stale response (§5.2.1.1).
        return wishes.MaxAge is null && IsWithin(stored.StaleWhileRevalidate, staleFor) ? ReuseReason.StaleWhileRevalidate : ReuseReason.Stale;
    }

    private static bool IsWithin(TimeSpan window, TimeSpan staleFor) => window > TimeSpan.Zero && staleFor <= window;
}
