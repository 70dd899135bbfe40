using DistCache.Geo.Clients;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Geo;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace DistCache.Proxy.Origins;

/// <summary>
/// What trusted proxies say of the way of a request. To the origin goes X-Forwarded-For: by itself YARP names the other end of the connection, which behind a load balancer is always the same one; where that is
/// a trusted proxy the origin gets the client and each proxy since, and nothing of what stands left of the client: that was its own invention.
/// </summary>
internal sealed class ForwardedClient(ProxyConfiguration configuration)
{
    private const string Field = "X-Forwarded-For";

    public void Apply(TransformBuilderContext builder)
    {
        if (SaysItself(builder.Route))
            return;
        builder.AddXForwarded(); // YARP's default, which it would add last
        builder.AddRequestTransform(Transform);
    }

    /// <summary>Of a route that has transforms of its own for these fields, they stay as they say.</summary>
    private static bool SaysItself(RouteConfig route) =>
        route.Transforms is { } transforms && transforms.Any(static transform => transform.ContainsKey("X-Forwarded") || transform.ContainsKey("Forwarded"));

    private ValueTask Transform(RequestTransformContext context)
    {
        if (HopsOf(context.HttpContext, configuration.Current.Geo) is { Proxies.Count: > 0 } hops)
        {
            var headers = context.ProxyRequest.Headers;
            headers.Remove(Field);
            headers.TryAddWithoutValidation(Field, string.Join(", ", [hops.Client?.ToString() ?? "unknown", .. hops.Proxies]));
        }
        return default;
    }

    /// <summary><c>http</c> or <c>https</c>, as the client talked to the first of the proxies; null: no trusted proxy says so.</summary>
    public string? SchemeOf(HttpContext context)
    {
        var geo = configuration.Current.Geo;
        if (geo.TrustedProxies.IsEmpty || context.Connection.RemoteIpAddress is not { } peer || !geo.TrustedProxies.Contains(peer))
            return null;
        var said = geo.ForwardedField is ForwardedField.Forwarded ? HopsOf(context, geo)?.Scheme : context.Request.Headers["X-Forwarded-Proto"] is [{ } only] ? only : null;
        return "https".Equals(said, StringComparison.OrdinalIgnoreCase) ? "https" : "http".Equals(said, StringComparison.OrdinalIgnoreCase) ? "http" : null;
    }

    /// <summary>Null: no trusted proxy has said anything.</summary>
    private static ForwardedHops? HopsOf(HttpContext context, GeoOptions geo) =>
        !geo.TrustedProxies.IsEmpty && context.Connection.RemoteIpAddress is { } peer
            && context.Request.Headers.TryGetValue(geo.ForwardedField is ForwardedField.Forwarded ? "Forwarded" : Field, out var lines)
                ? ClientAddress.HopsOf(peer, lines!, geo.ForwardedField, geo.TrustedProxies)
                : null;
}
