using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Keys;

/// <summary>
/// <c>Key:Query</c>: which parameters count, and in which order. What does not count is not sent to the origin either: an answer made
/// with one visitor's parameter would be everybody's. Names are compared as they are written, case and escapes and all.
/// </summary>
internal sealed class QueryRules(IReadOnlyList<string>? allow, IReadOnlyList<string> ignore, bool sort)
{
    /// <summary>What <c>@tracking</c> stands for: set by campaigns and networks, read by scripts in the browser.</summary>
    public static readonly IReadOnlyList<string> Tracking =
    [
        "utm_*", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source", "fbclid", "msclkid", "twclid", "ttclid", "li_fat_id", "igshid", "igsh",
        "yclid", "ysclid", "mc_cid", "mc_eid", "mkt_tok", "_ga", "_gl", "_hsenc", "_hsmi", "vero_id", "epik", "srsltid", "s_kwcid", "ef_id",
    ];

    /// <summary>Leaves the request as it is where nothing has to change; idempotent.</summary>
    public void Rewrite(HttpRequest request)
    {
        if (Changed(request) is { } changed)
            request.QueryString = new(changed);
    }

    public bool Leaves(HttpRequest request) => Changed(request) is null;

    private string? Changed(HttpRequest request)
    {
        var query = request.QueryString.Value!;
        return query.Length > 1 && Apply(query) is var changed && changed != query ? changed : null;
    }

    /// <param name="query">With its question mark.</param>
    internal string Apply(string query)
    {
        var kept = query[1..].Split('&').Where(pair => pair.Length > 0 && Counts(NameOf(pair)));
        if (sort)
            kept = kept.OrderBy(NameOf, StringComparer.Ordinal);
        var joined = string.Join('&', kept);
        return joined.Length == 0 ? "" : "?" + joined;
    }

    private static string NameOf(string pair) => pair.IndexOf('=') is var at and >= 0 ? pair[..at] : pair;

    private bool Counts(string name) => (allow is null || NamePattern.AnyMatches(allow, name)) && !NamePattern.AnyMatches(ignore, name);
}
