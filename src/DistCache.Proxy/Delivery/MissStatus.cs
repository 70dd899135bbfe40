using DistCache.Semantics.Reuse;

namespace DistCache.Proxy.Delivery;

/// <summary>Why memory alone could not answer, in the words of RFC 9211 §2.2.</summary>
internal static class MissStatus
{
    public static CacheStatus Of(LookUp lookUp) => CacheStatus.Forwarded(
        lookUp switch
        {
            { Variants: null } => Forward.UriMiss,
            { Stored: null } => Forward.VaryMiss,
            { Reason: ReuseReason.RequestNoCache or ReuseReason.RequestMaxAge or ReuseReason.RequestMinFresh or ReuseReason.RequestMaxStale } => Forward.Request,
            _ => Forward.Stale,
        },
        lookUp.Stored is null ? null : Detail(lookUp.Reason));

    private static string? Detail(ReuseReason reason) => reason switch
    {
        ReuseReason.NoCache => "no-cache",
        ReuseReason.Suspect => "suspect",
        ReuseReason.RequestNoCache => "request-no-cache",
        ReuseReason.RequestMaxAge => "request-max-age",
        ReuseReason.RequestMinFresh => "request-min-fresh",
        ReuseReason.RequestMaxStale => "request-max-stale",
        _ => null,
    };
}
