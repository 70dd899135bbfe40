using System.Collections.Frozen;
using System.Diagnostics;
using DistCache.Proxy.Origins;
using DistCache.Semantics.Fields;
using Microsoft.Net.Http.Headers;

namespace DistCache.Proxy.Hops;

/// <summary>A fill's request as it goes to a node, without the route's transforms (those are for the origin, and the node runs them); and the head of the node's answer.</summary>
internal static class HopMessages
{
    /// <summary>RFC 9110 §7.6.1, and Host, which the hop carries: the connection is to the node.</summary>
    private static readonly FrozenSet<string> Kept = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Expect",
        "Host", "Content-Length", Hop.Field);

    private static readonly FrozenSet<string> KeptOfAnswer = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "Connection", "Keep-Alive", "Transfer-Encoding", "Trailer", Hop.Field);

    public static HttpRequestMessage Request(DetachedRequest request, Uri node, Hop hop, Activity? span, NodeIdentity self)
    {
        var uri = new Uri(node.GetLeftPart(UriPartial.Authority) + request.Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(HttpMethod.Get, uri);
        foreach (var (name, lines) in request.Headers)
        {
            if (Kept.Contains(name) || name.StartsWith(':') || (span is not null && IsTraceField(name)))
                continue;
            // Cookies of several fields are one list (RFC 9113 §8.2.3).
            IEnumerable<string?> values = name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) && lines.Count > 1 ? [string.Join("; ", lines.ToArray())] : lines;
            if (!message.Headers.TryAddWithoutValidation(name, values))
                (message.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, values);
        }
        if (span is not null)
            message.Headers.TryAddWithoutValidation(HeaderNames.TraceParent, span.Id);
        self.AddTo(message.Headers, request.Protocol);
        message.Headers.TryAddWithoutValidation(Hop.Field, hop.Write(request.Method, request.Target));
        return message;
    }

    private static bool IsTraceField(string name) => name.Equals(HeaderNames.TraceParent, StringComparison.OrdinalIgnoreCase) || name.Equals(HeaderNames.TraceState, StringComparison.OrdinalIgnoreCase);

    public static OriginHead Head(HttpResponseMessage answer)
    {
        var fields = new List<Field>();
        foreach (var (name, lines) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
            if (!KeptOfAnswer.Contains(name))
                foreach (var line in lines)
                    fields.Add(new(name, line));
        return new((int)answer.StatusCode, answer.ReasonPhrase, new(fields), OriginHead.FramingOf(answer), answer.Content.Headers.ContentLength, OriginHead.ViaVersionOf(answer));
    }
}
