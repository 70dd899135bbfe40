using DistCache.Proxy.Configuration;

namespace DistCache.Proxy.Policies;

/// <summary>Every key of <c>DistCache:Policies:{name}</c>: what the reader knows, the documentation's table and the editors' schema are all made of this list.</summary>
public static class PolicyKeys
{
    /// <summary>In the order of the table.</summary>
    public static IReadOnlyList<ConfigurationKey> All { get; } =
    [
        new("Preset", KeyKind.Choice, "safe", "safe stores only on explicit freshness and trusts no client; rfc9111 does all that RFC 9111 allows") { Choices = ["safe", "rfc9111"] },
        new("Key:Query:Allow", KeyKind.List, "all", "Query parameters that count; others are neither keyed nor sent on. * at the end stands for any rest"),
        new("Key:Query:Ignore", KeyKind.List, "none", "Query parameters that are neither keyed nor sent on; @tracking stands for the common campaign parameters"),
        new("Key:Query:Sort", KeyKind.Flag, "false", "Parameters in the order of their names, those of one name in the order that they have; the origin gets the same"),
        new("Key:Headers", KeyKind.List, "none", "Request fields whose values are part of the key"),
        new("Key:Cookies", KeyKind.List, "none", "Cookies whose values are part of the key"),
        new("Key:Country", KeyKind.FlagOrList, "false", "The client's country is part of the key, and the origin learns it (X-Geo-Country). With a list of countries and groups (EU, US): the first that the country belongs to, else other (X-Geo-Group)"),
        new("RemoveRequestFields", KeyKind.List, "none", "Fields that are not sent to the origin by requests that are looked up, and do not count where Vary names them, as Cookie for a site without users"),
        new("Vary:AcceptEncoding", KeyKind.List, "as sent", "Content codings that the origin has, the preferred first; the origin is asked for no others"),
        new("Vary:AcceptLanguage", KeyKind.Choice, "off / order", "How languages are compared where Vary names them") { Choices = ["off", "spelling", "order", "select"] },
        new("Vary:Languages", KeyKind.List, "none", "For select: the languages that the origin has; the first is also for who wants none of them"),
        new("Lifetimes:{status}", KeyKind.Duration, "none", "Lifetime of answers of that status, 200 to 599, without explicit freshness; of 404 and 410: negative caching"),
        new("MinimumLifetime", KeyKind.Duration, "none", "Shorter lifetimes of answers below 400 are raised to it, max-age=0 too; no-store, private and no-cache hold"),
        new("MaximumLifetime", KeyKind.Duration, "none", "Longer lifetimes are cut to it"),
        new("FixedLifetime", KeyKind.Duration, "none", "Lifetime of every answer below 400 that may be stored, whatever the origin says of freshness"),
        new("Jitter", KeyKind.Fraction, "0", "Lifetimes are shortened by up to this part, each by another, so that what was stored together does not end together"),
        new("StaleWhileRevalidate", KeyKind.Duration, "none", "Served stale while one request validates, where the origin names no window; never against must-revalidate"),
        new("StaleIfError", KeyKind.Duration, "none / 1d", "Served stale when the origin answers 500, 502, 503, 504 or not at all, where it names no window"),
        new("StaleIfUnreachable", KeyKind.Duration, "0s / 1d", "Served stale when no answer can be had at all"),
        new("IgnoreProxyRevalidate", KeyKind.Flag, "false", "Stale windows count although s-maxage or proxy-revalidate forbid them"),
        new("Tags", KeyKind.List, "none", "Cache tags that every response gets besides the origin's"),
        new("MaxObjectSize", KeyKind.Size, "DistCache:Memory:MaxObjectSize", "Larger bodies stream through and are not stored; never more than the node's limit"),
        new("Bypass:Cookies", KeyKind.List, "none", "A request with one of these cookies passes, and its answer is stored for nobody; * at the end stands for any rest"),
        new("Bypass:Headers", KeyKind.List, "none", "A request with one of these fields passes, and its answer is stored for nobody"),
        new("Bypass:Query", KeyKind.List, "none", "A request with one of these query parameters passes, and its answer is stored for nobody; * at the end stands for any rest"),
        new("SetCookie", KeyKind.Choice, "refuse / as-response-allows", "Answers with Set-Cookie: not stored, stored without it (whose request it was still gets it, unless cookies are among the RemoveRequestFields), or as they say themselves") { Choices = ["refuse", "store-without", "as-response-allows"] },
        new("TargetedFields", KeyKind.List, "DistCache-CDN-Cache-Control, CDN-Cache-Control", "The first that is present and valid decides (RFC 9213)"),
        new("Heuristics", KeyKind.Flag, "false / true", "A lifetime from Last-Modified where RFC 9111 §4.2.2 allows it"),
        new("HeuristicFraction", KeyKind.Fraction, "0.1", "The part of the time since Last-Modified"),
        new("HeuristicMaximum", KeyKind.Duration, "1d", "Longest heuristic lifetime"),
        new("HonourRequestDirectives", KeyKind.Flag, "false / true", "The client's max-age, no-cache and their kin"),
        new("StoreForValidation", KeyKind.Flag, "false / true", "No freshness but a validator: stored, and validated each time"),
        new("UpdatesContentType", KeyKind.Flag, "false / true", "Whether a 304 may change Content-Type"),
        new("Writes", KeyKind.Choice, "invalidate", "What a write through this route does to what is stored. Only invalidate is built so far") { Choices = ["invalidate"] },
        new("Consistency", KeyKind.Choice, "eventual", "How newly a node must know the purge log to answer from what it holds. eventual: within its lease (DistCache:PurgeLog:Lease). bounded: within MaxLag. strong: each request waits for one look at the log. Otherwise what is stored is validated first. On one node alone all purges are known at once") { Choices = ["eventual", "bounded", "strong"] },
        new("MaxLag", KeyKind.Duration, "2s", "For bounded: how long ago the last look at the log may have begun that brought all it held. A healthy node looks each fifth of its lease, at most each second: less than that validates now and then"),
        new("Partition", KeyKind.Choice, "validate", "Without a lease, or beyond MaxLag: validate what is stored, or serve on. A node that serves on is left out of no purge: while it is silent, purges stay pending") { Choices = ["validate", "serve"] },
    ];

    /// <summary>The names that may stand directly under <paramref name="section"/> (empty: under the policy).</summary>
    internal static string[] Under(string section) =>
        [.. All.Where(key => section.Length == 0 || key.Key.StartsWith(section + ":", StringComparison.Ordinal))
            .Select(key => key.Key[(section.Length == 0 ? 0 : section.Length + 1)..].Split(':')[0]).Distinct()];
}
