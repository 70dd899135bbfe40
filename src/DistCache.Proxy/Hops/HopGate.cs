using DistCache.Proxy.Configuration;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DistCache.Proxy.Hops;

/// <summary>
/// Before the strict gate, which strips <see cref="Hop.Field"/> from everybody: a request of another node becomes what its client asked that node
/// for. One that cannot prove it is refused, and not taken for a client's: its Host is this node's address.
/// </summary>
internal sealed class HopGate(RequestDelegate next, ProxyConfiguration configuration, OwnAnswers own, EdgeMeter meter, TimeProvider time)
{
    public const string Refused = "hop-refused";

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (configuration.Current.Secret is not { } secret || !request.Headers.TryGetValue(Hop.Field, out var lines))
            return next(context);
        if (lines.Count == 1 && lines[0] == HopPings.Word && IsGetWithoutBody(context))
            return Pong(context);
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var refusal = lines.Count == 1 && HttpMethods.IsGet(request.Method)
            ? Hop.TryRead(lines[0]!, request.Method, target, secret, time.GetUtcNow(), out var hop)
            : Malformed(out hop);
        if (hop is null)
        {
            meter.HopTaken(refusal.ToString().ToLowerInvariant());
            return own.SendAsync(context, StatusCodes.Status403Forbidden, CacheStatus.Forwarded(Forward.Bypass, Refused), ProxyStatus.RequestDenied, "This request does not come from a node of this fleet.");
        }
        request.Headers.Remove(Hop.Field);
        (request.Scheme, request.Headers.Host) = (hop.Scheme, hop.Host);
        context.Connection.RemoteIpAddress = hop.Client;
        var record = RequestRecord.Of(context)!;
        (record.Hop, record.Place) = (hop, hop.Place);
        return next(context);
    }

    /// <summary>As nodes ping. Nothing has looked at this request yet: a 2xx to CONNECT would be a tunnel.</summary>
    private static bool IsGetWithoutBody(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) && context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true };

    private static Task Pong(HttpContext context)
    {
        RequestRecord.Of(context)!.AnswerOwn(HopPings.Word, 0);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        context.Response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }

    private static HopRefusal Malformed(out Hop? hop)
    {
        hop = null;
        return HopRefusal.Malformed;
    }
}
