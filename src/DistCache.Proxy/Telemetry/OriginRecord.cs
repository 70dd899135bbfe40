using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Telemetry;

/// <summary>One exchange with an origin, of a fill or a pass. Written by the exchange, read by every request that it answers.</summary>
public sealed class OriginRecord
{
    public string? Cluster { get; internal set; }

    /// <summary>The destination's id in the configuration; null: none was available.</summary>
    public string? Destination { get; internal set; }

    /// <summary>As <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long StartedAt { get; internal set; }

    /// <summary>When its head was here; 0: not yet, or never.</summary>
    public long HeadAt { get; internal set; }

    /// <summary>0: it gave none.</summary>
    public int Status { get; internal set; }

    /// <summary>Of the request that led the fill.</summary>
    internal ActivityContext Leader { get; } = Activity.Current?.Context ?? default;

    /// <summary>Of the fill.</summary>
    internal ActivityContext Span { get; set; }

    /// <summary>From a response transform.</summary>
    internal static void Arrived(HttpContext context, HttpResponseMessage head, TimeProvider time)
    {
        if (context.Features.Get<OriginRecord>() is not { } exchange)
            return;
        exchange.Destination = context.GetReverseProxyFeature().ProxiedDestination?.DestinationId;
        exchange.Status = (int)head.StatusCode;
        exchange.HeadAt = time.GetTimestamp();
    }
}
