using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Geo;

/// <summary>
/// The guard against circles: whoever is sent to another region brings this query parameter, and is not sent on from there, whatever that region's
/// database says. It is taken out before anything is keyed or forwarded.
/// </summary>
internal static class SteerMark
{
    private const string Name = "distcache-steered";

    public static string AddTo(string query, string region) =>
        $"{(query.Length > 1 ? query + "&" : "?")}{Name}={Uri.EscapeDataString(region)}";

    /// <summary>Whether it was there.</summary>
    public static bool TakeFrom(HttpRequest request)
    {
        var query = request.QueryString.Value;
        if (query is null || query.Length <= Name.Length || !query.Contains(Name, StringComparison.Ordinal))
            return false;
        var pairs = query[1..].Split('&');
        var kept = Array.FindAll(pairs, pair => !pair.Equals(Name, StringComparison.Ordinal) && !pair.StartsWith(Name + "=", StringComparison.Ordinal));
        if (kept.Length == pairs.Length)
            return false;
        request.QueryString = kept.Length == 0 ? default : new("?" + string.Join('&', kept));
        return true;
    }
}
