using System.Text;
using DistCache.Proxy.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace DistCache.Proxy.Requests;

/// <summary>
/// The gate's own answers: small, not to be stored (405, 414 and 501 are heuristically cacheable, RFC 9110 §15.1), with the
/// reason in Cache-Status. The body that came with the request is not read, so an HTTP/1 connection ends with the answer.
/// </summary>
internal sealed class RefusalAnswer
{
    private readonly StrictRequestOptions options;
    private readonly string[] cacheStatus;
    private readonly byte[][] bodies;

    public RefusalAnswer(StrictRequestOptions options)
    {
        this.options = options;
        var reasons = Enum.GetValues<RefusalReason>();
        cacheStatus = [.. reasons.Select(reason => $"{options.CacheName}; fwd=bypass; detail={reason.Name()}")];
        bodies = [.. reasons.Select(Body)];
    }

    public Task WriteAsync(HttpContext context, RefusalReason reason, bool isHttp2)
    {
        var record = RequestRecord.Of(context);
        if (isHttp2 && reason.IsMalformedField() && context.Features.Get<IHttpResetFeature>() is { } stream)
        {
            record?.Refuse(reason, hasStatus: false);
            stream.Reset(0x1); // PROTOCOL_ERROR
            return Task.CompletedTask;
        }

        record?.Refuse(reason, hasStatus: true);
        var response = context.Response;
        response.StatusCode = reason.Status();
        response.Headers["Cache-Status"] = cacheStatus[(int)reason];
        response.Headers.CacheControl = "no-store";
        if (reason is RefusalReason.MethodNotAllowed or RefusalReason.OptionsOfThisServer)
            response.Headers.Allow = MethodRules.Allowed;
        if (!isHttp2)
            response.Headers.Connection = "close";
        if (reason is RefusalReason.OptionsOfThisServer)
            return Task.CompletedTask;

        var body = bodies[(int)reason];
        response.ContentType = "text/plain";
        response.ContentLength = body.Length;
        record?.Sent(HttpMethods.IsHead(context.Request.Method) ? 0 : body.Length);
        return response.Body.WriteAsync(body, 0, body.Length, context.RequestAborted);
    }

    private static byte[] Body(RefusalReason reason) =>
        Encoding.ASCII.GetBytes($"{reason.Status()} {ReasonPhrases.GetReasonPhrase(reason.Status())}: {reason.Name()}\n");
}
