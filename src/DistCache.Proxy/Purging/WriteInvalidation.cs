using DistCache.Fleet;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Telemetry;
using DistCache.Semantics.Writes;
using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace DistCache.Proxy.Purging;

/// <summary>
/// RFC 9111 §4.4: what a write makes invalid, here before its answer reaches the client (rule 45), and by the log on every other node soon
/// (rule 22 of the purge protocol). Appended after the origin's answer: before it a fill could carry the new as-of and the old body.
/// </summary>
internal sealed class WriteInvalidation(PurgeIndex purges, FleetNode fleet, WriteQueue queue, PurgeUrls urls, ProxyConfiguration proxy, EdgeMeter meter, TimeProvider time)
{
    /// <summary>Position of the purge in this node's own count; 0: this answer makes nothing invalid.</summary>
    /// <param name="policy">Null: the write's own route caches nothing.</param>
    public long Apply(HttpRequest request, int status, IHeaderDictionary answer, CachePolicy? policy)
    {
        var target = $"{request.Scheme}://{request.Host.Value}{request.Path.Value}{request.QueryString.Value}";
        var invalid = InvalidationRules.Targets(request.Method, status, target, Single(answer.Location), Single(answer["Content-Location"]));
        if (invalid.Count == 0)
            return 0;
        meter.Invalidated();
        // What the origin wrote in Location may be spelt otherwise than what is keyed.
        PurgeSelector[] selectors = [.. invalid.Select(PurgeUrls.Canonical).OfType<string>().SelectMany(urls.Of)];
        return fleet.IsAlone || (policy is null && !MayBeCachedBeside(invalid)) ? purges.Apply(selectors, PurgeMode.Hard, time.GetTimestamp()) : queue.Apply(selectors);
    }

    /// <summary>
    /// Whether another route may cache what this one, which caches nothing, has written: one for GET beside it, or that of a URL which the answer names. Where
    /// routes are told apart by host and path alone, those that read a URL take the route of its writes.
    /// </summary>
    private bool MayBeCachedBeside(IReadOnlyList<string> invalid) => proxy.Current.HasCachedRoute && (invalid.Count > 1 || !proxy.Current.RoutesByTarget);

    private static string? Single(StringValues lines) => lines.Count == 1 ? lines[0] : null;
}
