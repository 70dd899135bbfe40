using DistCache.Semantics.Fields;
using DistCache.Semantics.Storing;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Requests;

/// <summary>Reads from a request what the rules want to know; a hit allocates nothing here.</summary>
internal static class RequestReader
{
    public static RequestFacts Facts(HttpRequest request)
    {
        var headers = request.Headers;
        return new()
        {
            Method = request.Method,
            HasAuthorization = headers.Authorization.Count > 0,
            Directives = Directives(headers),
        };
    }

    private static RequestDirectives Directives(IHeaderDictionary headers)
    {
        var lines = headers.CacheControl;
        if (lines.Count == 0)
            return default;
        if (lines.Count > 1)
            return RequestDirectives.Read(lines.ToArray());
        var line = lines[0];
        return RequestDirectives.Read(new ReadOnlySpan<string?>(in line));
    }
}
