using System.Collections.Frozen;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Hops;
using DistCache.Proxy.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Transforms;

namespace DistCache.Proxy.Origins;

/// <summary>What an origin may send that must not go on as it is (RFC 9112 §6, RFC 9110 §15.3.5, §15.3.6).</summary>
internal static class OriginMessageRules
{
    private static readonly FrozenSet<string> ForAllRecipients = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Age", "Cache-Control", "CDN-Cache-Control", "Content-Length", "Date", "Expires", "Set-Cookie", "Surrogate-Control", "Vary");

    /// <summary>False: its message is ambiguous; the answer to the client is now a 502 without its fields.</summary>
    public static bool Apply(ResponseTransformContext context, string node)
    {
        var response = context.ProxyResponse!;
        var own = context.HttpContext.Response;
        RemoveConnectionFields(response, own);
        own.Headers.Remove(Hop.Field); // between nodes alone: an origin has nothing to say there
        var codings = response.Headers.TransferEncoding;
        // Only "chunked" is undone by HttpClient; another coding would go on without its label. Length beside chunked is a smuggling sign.
        var isCoded = codings.Count > 1 || (codings.Count == 1 && response.Headers.TransferEncodingChunked is not true);
        var isAmbiguous = codings.Count > 0 && response.Content.Headers.NonValidated.Contains("Content-Length");
        if (isCoded || isAmbiguous || HasControls(own.Headers) || !MergeContentLength(own))
        {
            own.Headers.Clear();
            own.Headers[ProxyStatus.Field] = ProxyStatus.Write(node, ProxyStatus.ProtocolError);
            own.StatusCode = StatusCodes.Status502BadGateway;
            own.HttpContext.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = null;
            context.SuppressResponseBody = true;
            return false;
        }
        if (own.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent)
        {
            own.Headers.ContentLength = null;
            own.Headers.Remove("Transfer-Encoding");
            context.SuppressResponseBody = true;
        }
        return true;
    }

    /// <summary>
    /// RFC 9110 §7.6.1: fields of the origin's connection end here. YARP takes Connection itself away, and with it what it nominates; what
    /// is for all recipients may not be nominated, least of all what forbids to store.
    /// </summary>
    private static void RemoveConnectionFields(HttpResponseMessage response, HttpResponse own)
    {
        if (own.StatusCode == StatusCodes.Status101SwitchingProtocols)
            return;
        foreach (var name in response.Headers.Connection)
            if (!ForAllRecipients.Contains(name))
                own.Headers.Remove(name);
        own.Headers.Remove("Connection");
        own.Headers.Remove("Keep-Alive");
        own.Headers.Remove("Proxy-Connection");
    }

    private static bool HasControls(IHeaderDictionary headers)
    {
        foreach (var (_, lines) in headers)
            foreach (var line in lines)
                if (FieldRules.HasControl(line))
                    return true;
        return false;
    }

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
