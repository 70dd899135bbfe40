namespace DistCache.Proxy.Requests;

/// <summary>
/// Request fields that a client may not send through us by default. None of them is part of a cache key, and origins and
/// frameworks believe them: they are how a cache is poisoned, or how a client claims another address, country or certificate.
/// They are removed, not refused: ordinary clients send some of them by accident.
/// Not here: <c>X-Forwarded-For</c>, <c>-Host</c>, <c>-Proto</c>, <c>-Prefix</c> and <c>Forwarded</c>, which YARP replaces and trusted proxies may set.
/// Names with <c>_</c> are always removed: CGI-like origins read <c>X_Real_IP</c> as <c>X-Real-IP</c>.
/// </summary>
public static class ForgedFields
{
    /// <summary>Names, compared without regard to case.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        // Another URL or method than the one that is keyed.
        "X-Request-URI", "X-Request-URL", "X-Request-Path", "X-HTTP-DestinationURL", "X-Proxy-URL", "X-Base-URL", "X-Base-Path",
        "X-Path-Info", "X-Script-Name", "X-Matched-Path", "Base-Url", "Request-Uri", "Destination-URL",
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override",

        // Another host, scheme or port.
        "X-Host", "X-Host-Name", "X-Host-Override", "X-HTTP-Host", "X-HTTP-Host-Override", "X-Backend-Host", "X-Backend-Server",
        "X-Upstream-Host", "X-Proxy-Host", "X-Real-Host", "X-Gateway-Host", "X-Origin-Host", "X-Server-Name", "X-Forwarded",
        "X-Scheme", "X-Url-Scheme", "X-Proto", "X-Protocol", "X-Ssl", "X-Https", "Front-End-Https", "Fastly-SSL", "CF-Visitor",

        // Another client address, or a certificate (RFC 9440 §2.4).
        "X-Real-IP", "X-Client-IP", "Client-IP", "True-Client-IP", "X-True-Client-IP", "X-Cluster-Client-IP", "X-Remote-IP",
        "X-Remote-Addr", "X-Originating-IP", "X-Originally-Forwarded-For", "X-ProxyUser-Ip", "X-Source-IP",
        "X-Custom-IP-Authorization", "CF-Connecting-IP", "CF-Connecting-IPv6", "CF-Pseudo-IPv4",
        "Fastly-Client-IP", "X-Azure-ClientIP", "X-Azure-SocketIP", "X-AppEngine-User-IP", "X-Remote-User", "X-Client-Cert",
        "Client-Cert", "Client-Cert-Chain",

        // A place that only our own look-up may state.
        "CF-IPCountry", "CF-IPCity", "CF-IPContinent", "CF-Region", "CF-Region-Code", "CF-IPLatitude", "CF-IPLongitude", "CF-Timezone",
        "X-Country", "X-Country-Code", "X-Client-Geo-Location", "X-AppEngine-Country", "X-AppEngine-Region", "X-AppEngine-City",
        "X-AppEngine-CityLatLong", "X-Vercel-IP-Country", "X-Vercel-IP-Country-Region", "X-Vercel-IP-City",

        // Internals of servers and frameworks.
        "Proxy", "X-Sendfile", "X-Sendfile-Type", "X-Accel-Mapping", "X-Accel-Redirect", "X-Middleware-Subrequest", "X-Middleware-Prefetch",
        "X-Nextjs-Rewrite", "X-Now-Route-Matches", "X-Content-Length",

        // What only responses and caches say.
        "CDN-Cache-Control", "Surrogate-Control", "Surrogate-Capability", "Cache-Status", "X-Cache", "X-Cache-Status", "X-Cache-Key",
        "Cache-Groups", "Cache-Group-Invalidation", "Fastly-FF", "Fastly-Debug", "Age",
    ];

    /// <summary>Beginnings of names, compared without regard to case: whole families, of which servers read one more each year.</summary>
    public static IReadOnlyList<string> Prefixes { get; } =
    [
        "X-Forwarded-", "Forwarded-", "X-Original-", "X-Rewrite-", "X-Invoke-", "DistCache-", "X-DistCache-", "X-Geo-", "X-GeoIP-", "GeoIP-",
        "CloudFront-", "X-SSL-Client-", "SSL-Client-", "X-Envoy-",
    ];

    /// <summary>Removed as well, except from a <c>PURGE</c>, whose selector they are.</summary>
    public static IReadOnlyList<string> PurgeNames { get; } =
        ["Cache-Tag", "Edge-Cache-Tag", "Surrogate-Key", "xkey", "Soft-Purge", "Fastly-Soft-Purge", "Purge-Scope", "X-Purge-Method", "X-Purge-Mode", "X-Purge-Tags"];
}
