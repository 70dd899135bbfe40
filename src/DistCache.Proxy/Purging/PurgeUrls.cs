using DistCache.Proxy.Configuration;
using DistCache.Proxy.Requests;
using DistCache.Storage.Purging;

namespace DistCache.Proxy.Purging;

/// <summary>From a URL as people write it to the spellings under which it may be stored: canonical, and as the policies' query rules leave it.</summary>
internal sealed class PurgeUrls(ProxyConfiguration proxy)
{
    /// <summary>Null: it is no absolute http or https URL that the gate would let through.</summary>
    public static string? Canonical(string url) =>
        CanonicalTarget.TryParse(url, out var target) is TargetError.None && target.Authority is { } authority
        && HostField.TryCanonicalize(authority, target.Scheme!, out var host)
            ? $"{target.Scheme}://{host}{target.Path}{target.Query}"
            : null;

    /// <param name="url">As <see cref="Canonical"/> gives it.</param>
    public IEnumerable<PurgeSelector> Of(string url)
    {
        yield return new(PurgeScope.Url, url);
        var at = url.IndexOf('?', StringComparison.Ordinal);
        if (at < 0)
            yield break;
        var query = url[at..];
        var told = new HashSet<string>(StringComparer.Ordinal) { query };
        foreach (var policy in proxy.Current.Policies.All)
            if (policy.Key.Query is { } rules && told.Add(rules.Apply(query)))
                yield return new(PurgeScope.Url, url[..at] + rules.Apply(query));
    }
}
