using DistCache.Proxy.Delivery;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Transforms;

namespace DistCache.Proxy.Origins;

/// <summary>What an origin may send that must not go on as it is (RFC 9112 §6, RFC 9110 §15.3.5, §15.3.6).</summary>
internal static class OriginMessageRules
{
    /// <summary>False: its message is ambiguous; the answer to the client is now a 502 without its fields.</summary>
    public static bool Apply(ResponseTransformContext context, string node)
    {
        var response = context.ProxyResponse!;
        var own = context.HttpContext.Response;
        var codings = response.Headers.TransferEncoding;
        // Only "chunked" is undone by HttpClient; another coding would go on without its label. Length beside chunked is a smuggling sign.
        var isCoded = codings.Count > 1 || (codings.Count == 1 && response.Headers.TransferEncodingChunked is not true);
        var isAmbiguous = codings.Count > 0 && response.Content.Headers.NonValidated.Contains("Content-Length");
        if (isCoded || isAmbiguous || !MergeContentLength(own))
        {
            own.Headers.Clear();
            own.Headers[ProxyStatus.Field] = ProxyStatus.Write(node, ProxyStatus.ProtocolError);
            own.StatusCode = StatusCodes.Status502BadGateway;
            context.SuppressResponseBody = true;
            return false;
        }
        RemoveNominated(context);
        if (own.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent)
        {
            own.Headers.ContentLength = null;
            own.Headers.Remove("Transfer-Encoding");
            context.SuppressResponseBody = true;
        }
        return true;
    }

    /// <summary>RFC 9110 §7.6.1: what Connection names ends here. YARP drops Connection itself, and with it the names.</summary>
    private static void RemoveNominated(ResponseTransformContext context)
    {
        if (!context.ProxyResponse!.Headers.NonValidated.TryGetValues("Connection", out var lines))
            return;
        foreach (var line in lines)
            foreach (var name in line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                if (!IsMeantForAll(name))
                    context.HttpContext.Response.Headers.Remove(name);
    }

    // "MUST NOT list a field that is intended for all recipients of the content": without these it would be stored or read wrongly.
    private static bool IsMeantForAll(string name) =>
        name.Equals("Cache-Control", StringComparison.OrdinalIgnoreCase) || name.Equals("Vary", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Content-Encoding", StringComparison.OrdinalIgnoreCase) || name.Equals("Content-Range", StringComparison.OrdinalIgnoreCase);

    /// <summary>RFC 9110 §8.6: equal repeated values count as one, different ones are an error.</summary>
    private static bool MergeContentLength(HttpResponse response)
    {
        if (!response.Headers.TryGetValue("Content-Length", out var lines) || (lines.Count == 1 && !lines[0]!.Contains(',')))
            return true;
        string? only = null;
        foreach (var line in lines)
            foreach (var value in line!.Split(',', StringSplitOptions.TrimEntries))
            {
                if (only is not null && only != value)
                    return false;
                only = value;
            }
        response.Headers.ContentLength = long.TryParse(only, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var length) ? length : null;
        return response.Headers.ContentLength is not null;
    }
}
