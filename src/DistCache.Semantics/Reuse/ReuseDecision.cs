namespace DistCache.Semantics.Reuse;

/// <summary>May a stored response answer this request (RFC 9111 §4)?</summary>
public enum ReuseDecision
{
    Serve,

    /// <summary>Within stale-while-revalidate: answer now, validate in the background (RFC 5861 §3).</summary>
    ServeStaleAndValidate,

    /// <summary>A conditional request first (only when there is a validator).</summary>
    Validate,

    Fetch,

    /// <summary>only-if-cached with nothing usable: 504 (§5.2.1.7).</summary>
    GatewayTimeout,
}

/// <summary>Why the origin is asked: RFC 9211 §2.2's words and ours for <c>detail</c>.</summary>
public enum ReuseReason
{
    Fresh,
    Stale,
    NoCache,
    RequestNoCache,
    RequestMaxAge,
    RequestMinFresh,
    RequestMaxStale,
    StaleWhileRevalidate,
    OnlyIfCached,
    Suspect,
}

/// <summary>What became of the origin when we asked it.</summary>
public enum OriginFailure
{
    /// <summary>It answered 500, 502, 503 or 504.</summary>
    ServerError,

    /// <summary>No answer could be had: connect failed, time-out, reset, closed without an answer, broken answer.</summary>
    Unreachable,
}

public static class ReuseReasons
{
    /// <summary>The named reason, kebab-case: "request-max-age".</summary>
    public static string Reason(this ReuseReason reason) => reason switch
    {
        ReuseReason.Fresh => "fresh",
        ReuseReason.Stale => "stale",
        ReuseReason.NoCache => "no-cache",
        ReuseReason.RequestNoCache => "request-no-cache",
        ReuseReason.RequestMaxAge => "request-max-age",
        ReuseReason.RequestMinFresh => "request-min-fresh",
        ReuseReason.RequestMaxStale => "request-max-stale",
        ReuseReason.StaleWhileRevalidate => "stale-while-revalidate",
        ReuseReason.OnlyIfCached => "only-if-cached",
        ReuseReason.Suspect => "suspect",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };
}
