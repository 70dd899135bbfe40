using System.Diagnostics;
using DistCache.Proxy.Origins;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Telemetry;

/// <summary>
/// Spans: one for a request, and one for each exchange of a fill, with the origin or with another node (a hop). A fill answers many requests
/// and belongs to none: its spans are linked with the one that led it, and those that it answers are linked with the last of them. What the other
/// node does for a hop is below it, in one trace. Names and tags as OpenTelemetry has them for HTTP; never a query.
/// </summary>
internal static class EdgeTrace
{
    public static readonly ActivitySource Source = new(EdgeMeter.Name);

    public static Activity? Request(HttpContext context)
    {
        var request = context.Request;
        ActivityContext.TryParse(request.Headers.TraceParent, request.Headers.TraceState, isRemote: true, out var parent);
        var span = Source.StartActivity("request", ActivityKind.Server, parent);
        if (span is { IsAllDataRequested: true })
            span.SetTag("http.request.method", request.Method).SetTag("url.scheme", request.Scheme);
        return span;
    }

    public static void Ended(Activity? span, HttpContext context, RequestRecord record)
    {
        if (span is not { IsAllDataRequested: true })
            return;
        if (record.Route is { } route)
            span.SetTag("http.route", route).DisplayName = $"{context.Request.Method} {route}";
        span.SetTag("server.address", context.Request.Host.Value).SetTag("url.path", context.Request.Path.Value);
        span.SetTag("distcache.cache_status", record.Outcome.Name()).SetTag("distcache.reason", record.Reason);
        if (record.HasStatus)
            span.SetTag("http.response.status_code", context.Response.StatusCode);
        if (record.Outcome is CacheOutcome.Error)
            span.SetStatus(ActivityStatusCode.Error, record.Reason);
        if (record.Origin is { Span: var fill } && fill != default)
            span.AddLink(new(fill));
    }

    /// <param name="exchange">Learns of the span, for those that it answers.</param>
    public static Activity? Fill(HttpContext context, OriginRecord exchange) =>
        Exchange("fill", ActivityKind.Internal, exchange, context.Request.Method, context.Request.Host.Value, context.Request.Path.Value);

    /// <summary>Null as well: nobody listens.</summary>
    public static Activity? Hop(DetachedRequest request) =>
        Source.HasListeners() ? Exchange("hop", ActivityKind.Client, request.Record, request.Method, request.Host, request.Path) : null;

    public static void Ended(Activity? span, OriginRecord exchange, string? error)
    {
        if (span is not { IsAllDataRequested: true })
            return;
        span.SetTag("distcache.cluster", exchange.Cluster).SetTag("distcache.destination", exchange.Destination);
        if (exchange.Status != 0)
            span.SetTag("http.response.status_code", exchange.Status);
        if (error is not null)
            span.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error, error);
    }

    private static Activity? Exchange(string name, ActivityKind kind, OriginRecord exchange, string method, string? host, string? path)
    {
        var links = exchange.Leader == default ? null : (ActivityLink[])[new(exchange.Leader)];
        var span = Source.StartActivity(name, kind, parentContext: default, links: links);
        if (span is null)
            return null;
        exchange.Span = span.Context;
        return span.SetTag("http.request.method", method).SetTag("server.address", host).SetTag("url.path", path);
    }
}
