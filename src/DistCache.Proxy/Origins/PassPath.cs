using DistCache.Proxy.Delivery;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Telemetry;
using DistCache.Storage.Keys;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace DistCache.Proxy.Origins;

/// <summary>Pass: forwarded on the client's own context, neither looked up nor collapsed, by the route's own YARP endpoint.</summary>
internal sealed class PassPath(FillServices services, WriteInvalidation writes, OwnAnswers own)
{
    /// <param name="watched">Marked uncacheable: when this answer could have been stored after all, the mark goes.</param>
    public async Task ForwardAsync(HttpContext context, CacheStatus status, CachePolicy? policy, CacheKey? watched = null)
    {
        var kept = policy is not null && MayKeep(context.Request) ? new PassedAnswer(services, policy, EdgeCache.RouteOf(context)!.Config.RouteId) : null;
        context.Features.Set(new PassState(status, policy, watched, kept));
        var body = CountedBody.Around(context);
        var failed = true;
        try
        {
            await context.GetEndpoint()!.RequestDelegate!(context);
            failed = context.Features.Get<IForwarderErrorFeature>() is { Error: not ForwarderError.None };
        }
        finally
        {
            if (kept is not null)
                await kept.EndAsync(context, well: !failed && !context.RequestAborted.IsCancellationRequested);
            // Whether the origin has done what a write asked for is not known when its answer did not come.
            if (failed)
                writes.Apply(context.Request, StatusCodes.Status200OK, context.Response.Headers, policy);
        }
        context.Response.Body = body;
        await own.AfterPassAsync(context);
    }

    /// <summary>Of all writes only the answer to a POST may serve later GETs (RFC 9110 §9.3.3), and of passed reads a range (RFC 9111 §3.3).</summary>
    private static bool MayKeep(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) || (HttpMethods.IsGet(request.Method) && request.Headers.Range.Count > 0);
}
