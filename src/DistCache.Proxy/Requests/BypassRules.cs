using DistCache.Proxy.Keys;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Requests;

/// <summary><c>Bypass</c> of a policy: which requests pass although their route is cached.</summary>
internal sealed record BypassRules(IReadOnlyList<string> Cookies, IReadOnlyList<string> Headers, IReadOnlyList<string> Query)
{
    /// <summary>The named reason; null: look it up.</summary>
    public string? ReasonFor(HttpRequest request)
    {
        if (Cookies.Count > 0 && CookieFields.Any(request.Headers.Cookie, Cookies))
            return "bypass-cookie";
        foreach (var name in Headers)
            if (request.Headers.ContainsKey(name))
                return "bypass-header";
        return Query.Count > 0 && HasParameter(request.QueryString.Value!) ? "bypass-query" : null;
    }

    private bool HasParameter(ReadOnlySpan<char> query)
    {
        if (query.Length < 2)
            return false;
        query = query[1..];
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            var at = pair.IndexOf('=');
            if (NamePattern.AnyMatches(Query, at >= 0 ? pair[..at] : pair))
                return true;
        }
        return false;
    }
}
