using System.Collections.Frozen;

namespace DistCache.Storage.Records;

/// <summary>Names of fields that many responses have, in the spelling in which they mostly come: a byte in the record, one string for all.</summary>
internal static class FieldNameCodes
{
    /// <summary>In place of a code: the name itself follows.</summary>
    public const byte None = 0;

    // Of this process alone: the order may change.
    private static readonly string[] Names =
    [
        "Accept-Ranges", "Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Origin",
        "Access-Control-Expose-Headers", "Access-Control-Max-Age", "Allow", "Alt-Svc", "Cache-Control", "Cache-Status", "Cache-Tag", "CDN-Cache-Control",
        "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Length", "Content-Location", "Content-Range", "Content-Security-Policy",
        "Content-Type", "Cross-Origin-Embedder-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Date", "ETag", "Expires",
        "Last-Modified", "Link", "Location", "NEL", "Permissions-Policy", "Pragma", "Referrer-Policy", "Report-To", "Retry-After", "Server", "Server-Timing",
        "SourceMap", "Strict-Transport-Security", "Surrogate-Control", "Surrogate-Key", "Timing-Allow-Origin", "Vary", "Via", "Warning", "X-Cache",
        "X-Content-Type-Options", "X-DNS-Prefetch-Control", "X-Download-Options", "X-Frame-Options", "X-Permitted-Cross-Domain-Policies", "X-Powered-By",
        "X-Request-Id", "X-Robots-Tag", "X-UA-Compatible", "X-XSS-Protection",
    ];

    private static readonly FrozenDictionary<string, byte> Codes = Names.Index().ToFrozenDictionary(name => name.Item, name => (byte)(name.Index + 1), StringComparer.Ordinal);

    public static byte Of(string name) => Codes.GetValueOrDefault(name, None);

    public static string NameOf(byte code) => Names[code - 1];
}
