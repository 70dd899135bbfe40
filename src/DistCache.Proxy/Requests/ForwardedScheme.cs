using DistCache.Proxy.Origins;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Requests;

/// <summary>
/// Before everything that looks at the scheme: a trusted proxy in front of the edge may end TLS and say so. It stands in the key, and the origin that hears http
/// from clients of https would send them round in redirects.
/// </summary>
internal sealed class ForwardedScheme(RequestDelegate next, ForwardedClient forwarded)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (forwarded.SchemeOf(context) is { } scheme)
            context.Request.Scheme = scheme;
        return next(context);
    }
}
