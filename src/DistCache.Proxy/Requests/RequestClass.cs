using DistCache.Proxy.Delivery;
using DistCache.Proxy.Policies;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Requests;

/// <summary>May the cache answer this request at all? Lookup, or pass with the words of RFC 9211 and a named reason.</summary>
internal readonly record struct RequestClass(Forward PassAs, string? Reason)
{
    public static readonly RequestClass Lookup = new(Forward.None, null);

    public bool IsPass => PassAs is not Forward.None;

    public static RequestClass Of(HttpRequest request, CachePolicy? policy)
    {
        if (policy is null)
            return new(Forward.Bypass, "no-policy");
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
            return new(Forward.Method, null);
        var headers = request.Headers;
        if (headers.Upgrade.Count > 0)
            return new(Forward.Bypass, "upgrade");
        // What EventSource sends: a stream without an end, that nobody should wait for another's.
        if (headers.Accept is [{ } accept] && accept.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase))
            return new(Forward.Bypass, "event-stream");
        // Rule 40: the origin evaluates these, even when a fresh response is stored.
        if (headers.IfMatch.Count > 0 || headers.IfUnmodifiedSince.Count > 0)
            return new(Forward.Bypass, "precondition");
        return policy.Bypass?.ReasonFor(request) is { } reason ? new(Forward.Bypass, reason) : Lookup;
    }
}
