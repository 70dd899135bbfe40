using DistCache.Proxy.Telemetry;
using DistCache.Semantics.Writes;
using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace DistCache.Proxy.Purging;

/// <summary>RFC 9111 §4.4: what a write makes invalid, before its answer reaches the client (rule 45).</summary>
internal sealed class WriteInvalidation(PurgeIndex purges, PurgeUrls urls, EdgeMeter meter, TimeProvider time)
{
    /// <summary>Position of the purge; 0: this answer makes nothing invalid.</summary>
    public long Apply(HttpRequest request, int status, IHeaderDictionary answer)
    {
        var target = $"{request.Scheme}://{request.Host.Value}{request.Path.Value}{request.QueryString.Value}";
        var invalid = InvalidationRules.Targets(request.Method, status, target, Single(answer.Location), Single(answer["Content-Location"]));
        if (invalid.Count == 0)
            return 0;
        meter.Invalidated();
        // What the origin wrote in Location may be spelt otherwise than what is keyed.
        return purges.Apply([.. invalid.Select(PurgeUrls.Canonical).OfType<string>().SelectMany(urls.Of)], PurgeMode.Hard, time.GetTimestamp());
    }

    private static string? Single(StringValues lines) => lines.Count == 1 ? lines[0] : null;
}
