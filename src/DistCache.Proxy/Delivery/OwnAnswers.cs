using System.Text;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Telemetry;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace DistCache.Proxy.Delivery;

/// <summary>Answers that are ours and not the origin's: small, free of internals, never stored by anybody.</summary>
internal sealed class OwnAnswers(NodeIdentity node, TimeProvider time)
{
    /// <param name="error">RFC 9209 §2.3's type, one of <see cref="ProxyStatus"/>.</param>
    public Task SendAsync(HttpContext context, int status, in CacheStatus cacheStatus, string error, string text)
    {
        var record = RequestRecord.Of(context);
        record?.AnswerError(cacheStatus, error, time);
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }
        response.Clear();
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentType = "text/plain; charset=utf-8";
        response.Headers["Cache-Status"] = cacheStatus.Write(node.CacheName);
        response.Headers[ProxyStatus.Field] = ProxyStatus.Write(node.CacheName, error);
        var body = Encoding.UTF8.GetBytes($"{status} {text}\n");
        response.ContentLength = body.Length;
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;
        record?.Sent(body.Length);
        return response.Body.WriteAsync(body).AsTask();
    }

    /// <summary>YARP could not have an answer for a passed request: 502, 503 or 504 in our form, unless bytes have gone out.</summary>
    public Task AfterPassAsync(HttpContext context)
    {
        if (context.Response.HasStarted || context.Features.Get<IForwarderErrorFeature>() is not { Error: not ForwarderError.None } error)
            return Task.CompletedTask;
        var status = error.Error switch
        {
            ForwarderError.NoAvailableDestinations => StatusCodes.Status503ServiceUnavailable,
            ForwarderError.RequestTimedOut => StatusCodes.Status504GatewayTimeout,
            _ => context.Response.StatusCode is >= 400 and < 600 ? context.Response.StatusCode : StatusCodes.Status502BadGateway,
        };
        var passed = context.Features.Get<PassState>()?.Status ?? CacheStatus.Forwarded(Forward.Bypass);
        return SendAsync(context, status, passed with { Detail = ReasonOf(status) }, ProxyStatus.ErrorOf(error.Error, error.Exception), TextOf(status));
    }

    public static string ReasonOf(int status) => status switch
    {
        StatusCodes.Status503ServiceUnavailable => "no-destination",
        StatusCodes.Status504GatewayTimeout => "origin-timeout",
        _ => "origin-unreachable",
    };

    public static string TextOf(int status) => status switch
    {
        StatusCodes.Status503ServiceUnavailable => "No origin is available.",
        StatusCodes.Status504GatewayTimeout => "The origin did not answer in time.",
        _ => "The origin could not be reached or its answer was not valid.",
    };
}
