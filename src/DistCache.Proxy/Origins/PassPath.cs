using DistCache.Proxy.Delivery;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Keys;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Requests;
using DistCache.Proxy.Telemetry;
using DistCache.Storage.Keys;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace DistCache.Proxy.Origins;

/// <summary>Pass: forwarded on the client's own context, neither looked up nor collapsed, by the route's own YARP endpoint.</summary>
internal sealed class PassPath(FillServices services, WriteInvalidation writes, OwnAnswers own)
{
    /// <param name="lookedUp">Its key, where the request was looked up before.</param>
    /// <param name="watched">Marked uncacheable: when this answer could have been stored after all, the mark goes.</param>
    public async Task ForwardAsync(HttpContext context, CacheStatus status, CachePolicy? policy, CacheKey? lookedUp = null, CacheKey? watched = null)
    {
        var kept = policy is not null && MayKeep(context.Request, policy)
            ? new PassedAnswer(services, policy, lookedUp ?? KeyWriter.Of(context.Request, EdgeCache.RouteOf(context)!.Config.RouteId, policy.Key.FieldsOf(context.Request)))
            : null;
        context.Features.Set(new PassState(status, policy, watched, kept));
        var body = CountedBody.Around(context);
        var failed = true;
        if (!services.Purges.Rules.AppendsAfterAnswer)
            writes.Apply(context.Request, StatusCodes.Status200OK, context.Response.Headers, policy);
        try
        {
            await context.GetEndpoint()!.RequestDelegate!(context);
            failed = context.Features.Get<IForwarderErrorFeature>() is { Error: not ForwarderError.None } error && MayHaveBeenSent(context.Request, error);
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

    /// <summary>
    /// Of all writes only the answer to a POST may serve later GETs (RFC 9110 §9.3.3), and of passed reads a range (RFC 9111 §3.3). Never what a policy
    /// bypasses: it is for its asker; nor what was asked otherwise than a look-up would have asked.
    /// </summary>
    private static bool MayKeep(HttpRequest request, CachePolicy policy) =>
        (HttpMethods.IsPost(request.Method) || (HttpMethods.IsGet(request.Method) && request.Headers.Range.Count > 0))
        && policy.Bypass?.ReasonFor(request) is null
        && policy.IsAsLookedUp(request);

    /// <summary>
    /// Where no connection could be had, the origin has done nothing: what is stored is as true as before, and all that is left while it is away. Of what HttpClient repeats by itself
    /// (rule 52) that is only the end of its last try.
    /// </summary>
    private static bool MayHaveBeenSent(HttpRequest request, IForwarderErrorFeature error) =>
        error.Error is not ForwarderError.NoAvailableDestinations
        && (!MethodRules.GoesOnce(request.Method) || error.Exception is not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError });
}
