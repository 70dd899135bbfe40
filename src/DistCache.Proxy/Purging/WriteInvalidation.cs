using DistCache.Proxy.Requests;
using DistCache.Semantics.Writes;
using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace DistCache.Proxy.Purging;

/// <summary>RFC 9111 §4.4: what a write makes invalid, before its answer reaches the client (rule 45).</summary>
internal sealed class WriteInvalidation(PurgeIndex purges, TimeProvider time)
{
    /// <summary>Position of the purge; 0: this answer makes nothing invalid.</summary>
    public long Apply(HttpRequest request, int status, IHeaderDictionary answer)
    {
        var target = $"{request.Scheme}://{request.Host.Value}{request.Path.Value}{request.QueryString.Value}";
        var invalid = InvalidationRules.Targets(request.Method, status, target, Single(answer.Location), Single(answer["Content-Location"]));
        return invalid.Count == 0 ? 0 : purges.Apply([.. invalid.Select(Canonical).OfType<string>().Select(url => new PurgeSelector(PurgeScope.Url, url))], PurgeMode.Hard, time.GetTimestamp());
    }

    // What the origin wrote in Location may be spelt otherwise than what is keyed.
    private static string? Canonical(string url) =>
        CanonicalTarget.TryParse(url, out var target) is TargetError.None && target.Authority is { } authority
        && HostField.TryCanonicalize(authority, target.Scheme!, out var host)
            ? $"{target.Scheme}://{host}{target.Path}{target.Query}"
            : null;

    private static string? Single(StringValues lines) => lines.Count == 1 ? lines[0] : null;
}
