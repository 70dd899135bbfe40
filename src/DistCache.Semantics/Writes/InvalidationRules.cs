using DistCache.Semantics.Uris;

namespace DistCache.Semantics.Writes;

/// <summary>RFC 9111 §4.4: which URIs an answered write makes invalid. Rule 45.</summary>
public static class InvalidationRules
{
    /// <summary>Absolute URIs: the target, and Location and Content-Location when they are of the same origin. Empty for safe methods and error answers.</summary>
    /// <remarks>References are resolved (RFC 3986 §5.2) but spelled as they came: canonicalise before making keys. Each URI once, the target first.</remarks>
    public static IReadOnlyList<string> Targets(string method, int status, string targetUri, string? location, string? contentLocation)
    {
        if (IsSafe(method) || status is < 200 or > 399)
            return [];
        var targets = new List<string> { targetUri };
        Add(targets, targetUri, location);
        Add(targets, targetUri, contentLocation);
        return targets;
    }

    /// <summary>RFC 9110 §9.2.1, and what IANA's registry of methods calls safe; an unknown method counts as a write. Methods are case-sensitive.</summary>
    public static bool IsSafe(string method) => method is "GET" or "HEAD" or "OPTIONS" or "TRACE" or "PROPFIND" or "REPORT" or "SEARCH" or "QUERY";

    // Of another origin it could be used to empty somebody else's cache (§4.4).
    private static void Add(List<string> targets, string targetUri, string? reference)
    {
        if (reference is null)
            return;
        var target = UriReference.Split(targetUri);
        var resolved = target.Resolve(UriReference.Split(reference));
        if (target.IsSameOrigin(resolved) && resolved.ToString() is var uri && !targets.Contains(uri))
            targets.Add(uri);
    }
}
