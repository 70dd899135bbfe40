using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DistCache.Proxy.Requests;

/// <summary>Which methods pass, and which of them may have a body.</summary>
internal static class MethodRules
{
    /// <summary>For the Allow field of a 405 (RFC 9110 §15.5.6).</summary>
    public const string Allowed = "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH";

    public static RefusalReason Examine(HttpContext context)
    {
        switch (context.Request.Method)
        {
            case "GET" or "HEAD" or "POST" or "PUT" or "DELETE" or "PATCH":
                return RefusalReason.None;
            case "OPTIONS":
                return CountForwards(context.Request);
            case "CONNECT" when IsWebSocket(context):
                return RefusalReason.None;
            case "CONNECT" or "TRACE":
                return RefusalReason.MethodNotAllowed;
            case var other:
                return other.AsSpan().ContainsAnyInRange('a', 'z') ? RefusalReason.MethodUnknown : RefusalReason.None;
        }
    }

    /// <summary>Expectations and bodies. Last, because a GET on HTTP/2 may have to wait to know that it has no body.</summary>
    public static RefusalReason ExamineBody(HttpContext context, HttpMajor http)
    {
        var request = context.Request;
        var hasBody = http is HttpMajor.Two
            ? context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? false
            : request.Headers.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0;

        var isSafe = request.Method is "GET" or "HEAD";
        var expect = request.Headers.Expect;
        if (expect.Count > 0
            && (isSafe || !hasBody || expect.Count > 1 || !"100-continue".Equals(expect[0], StringComparison.OrdinalIgnoreCase)))
            return RefusalReason.Expectation;

        if (isSafe)
            return hasBody ? RefusalReason.FatRequest : RefusalReason.None;

        // HttpClient repeats a request without content, whatever its method; one with a length of 0 goes once.
        if (!hasBody && GoesOnce(request.Method))
            request.Headers.ContentLength = 0;
        return RefusalReason.None;
    }

    /// <summary>A request that may do twice what it does when it is sent twice (RFC 9110 §9.2.2).</summary>
    public static bool GoesOnce(string method) => method is not ("GET" or "HEAD" or "PUT" or "DELETE" or "OPTIONS");

    // RFC 8441: browsers open WebSockets over HTTP/2 with it, and it has a path. Any other CONNECT asks for a tunnel.
    private static bool IsWebSocket(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect
        && string.Equals(connect.Protocol, "websocket", StringComparison.OrdinalIgnoreCase);

    // RFC 9110 §7.6.2. A value that is no number is nobody's count, and passes.
    private static RefusalReason CountForwards(HttpRequest request)
    {
        var sent = request.Headers.MaxForwards;
        if (sent.Count == 0 || !uint.TryParse(sent.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var left))
            return RefusalReason.None;
        if (left == 0)
            return RefusalReason.OptionsOfThisServer;
        request.Headers.MaxForwards = (left - 1).ToString(CultureInfo.InvariantCulture);
        return RefusalReason.None;
    }
}
