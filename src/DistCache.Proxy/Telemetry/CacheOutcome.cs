using DistCache.Proxy.Delivery;
using DistCache.Proxy.Requests;

namespace DistCache.Proxy.Telemetry;

/// <summary>What became of a request, as far as the cache goes: each request has exactly one. The label <c>cache_status</c> of logs and metrics.</summary>
public enum CacheOutcome
{
    /// <summary>Answered from the cache.</summary>
    Hit,

    /// <summary>Answered from the cache with a stale response: while it is validated, or since the origin failed.</summary>
    Stale,

    /// <summary>The origin confirmed the stored response by a 304.</summary>
    Validated,

    /// <summary>Answered by a fill that another request had started.</summary>
    Collapsed,

    /// <summary>The origin was asked, and its answer passed on; whether it was stored is said by the reason.</summary>
    Miss,

    /// <summary>Forwarded without a look-up.</summary>
    Pass,

    /// <summary>PURGE.</summary>
    Purge,

    /// <summary>Refused before the cache: by the strict gate, by the route's authorization, or for where the client is.</summary>
    Refused,

    /// <summary>An error answer of our own: no route, no origin, only-if-cached, a loop.</summary>
    Error,

    /// <summary>Answered by the edge itself: sent to a nearer region, or told which regions are near.</summary>
    Own,

    /// <summary>The client left before there was an answer.</summary>
    Aborted,
}

public static class CacheOutcomes
{
    internal static readonly int Count = Enum.GetValues<CacheOutcome>().Length;

    private static readonly string[] Names = [.. Enum.GetNames<CacheOutcome>().Select(name => name.ToLowerInvariant())];

    /// <summary>The label, lower-case.</summary>
    public static string Name(this CacheOutcome outcome) => Names[(int)outcome];

    /// <summary>Of an answer that is not our own error.</summary>
    internal static CacheOutcome Of(in CacheStatus status) => status switch
    {
        { Detail: "stale-while-revalidate" or "stale-if-error" } => CacheOutcome.Stale,
        { Hit: true } => CacheOutcome.Hit,
        { Forward: Forward.Bypass or Forward.Method } => CacheOutcome.Pass,
        { Collapsed: true } => CacheOutcome.Collapsed,
        { ForwardStatus: 304, Stored: true } => CacheOutcome.Validated,
        _ => CacheOutcome.Miss,
    };
}
