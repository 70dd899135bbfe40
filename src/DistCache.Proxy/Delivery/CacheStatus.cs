using System.Globalization;
using System.Text;

namespace DistCache.Proxy.Delivery;

/// <summary>Why a request was forwarded: RFC 9211 §2.2's words.</summary>
internal enum Forward
{
    None,
    Bypass,
    Method,
    UriMiss,
    VaryMiss,
    Miss,
    Request,
    Stale,
    Partial,
}

/// <summary>Our member of Cache-Status (RFC 9211).</summary>
internal readonly record struct CacheStatus
{
    public static readonly CacheStatus PlainHit = new() { Hit = true };

    public bool Hit { get; init; }
    public Forward Forward { get; init; }
    public int? ForwardStatus { get; init; }
    public long? Ttl { get; init; }
    public bool Stored { get; init; }
    public bool Collapsed { get; init; }

    /// <summary>Our named reason, kebab-case.</summary>
    public string? Detail { get; init; }

    public static CacheStatus Forwarded(Forward forward, string? detail = null) => new() { Forward = forward, Detail = detail };

    public string Write(string node)
    {
        var text = new StringBuilder(node, 96);
        if (Hit)
            text.Append("; hit");
        if (Forward is not Forward.None)
            text.Append("; fwd=").Append(Word(Forward));
        if (ForwardStatus is { } status)
            text.Append("; fwd-status=").Append(status.ToString(CultureInfo.InvariantCulture));
        if (Ttl is { } ttl)
            text.Append("; ttl=").Append(ttl.ToString(CultureInfo.InvariantCulture));
        if (Stored)
            text.Append("; stored");
        if (Collapsed)
            text.Append("; collapsed");
        if (Detail is not null)
            text.Append("; detail=").Append(Detail);
        return text.ToString();
    }

    public static string Word(Forward forward) => forward switch
    {
        Forward.Bypass => "bypass",
        Forward.Method => "method",
        Forward.UriMiss => "uri-miss",
        Forward.VaryMiss => "vary-miss",
        Forward.Miss => "miss",
        Forward.Request => "request",
        Forward.Stale => "stale",
        Forward.Partial => "partial",
        _ => throw new ArgumentOutOfRangeException(nameof(forward)),
    };
}
