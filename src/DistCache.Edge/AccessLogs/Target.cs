using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DistCache.Edge.AccessLogs;

/// <summary>What was asked for, as far as a log may show it.</summary>
internal static class Target
{
    /// <summary>The canonical path; of a refused request the path as it was sent.</summary>
    public static ReadOnlySpan<char> Path(HttpContext context, bool isRefused) =>
        isRefused ? WithoutQuery(context.Features.Get<IHttpRequestFeature>()?.RawTarget) : context.Request.Path.Value;

    /// <summary>A query may hold what is private, of this URL or of the one that led here.</summary>
    public static ReadOnlySpan<char> WithoutQuery(string? url) => url.AsSpan()[..(url.AsSpan().IndexOfAny('?', '#') is var end and >= 0 ? end : url?.Length ?? 0)];
}
