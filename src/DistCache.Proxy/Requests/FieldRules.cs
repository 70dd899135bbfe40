using System.Buffers;
using System.Collections.Frozen;
using Microsoft.Net.Http.Headers;

namespace DistCache.Proxy.Requests;

/// <summary>Names and values of request fields: one table look-up for common names, the token rule for all others.</summary>
internal sealed class FieldRules
{
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // RFC 9110 §5.5: a value is visible characters, obs-text, spaces and tabs. NUL, CR and LF never get here.
    private static readonly SearchValues<char> Controls = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(c => c != '\t').Append(0x7f).Select(c => (char)c)]);

    private static readonly string[] Common =
    [
        HeaderNames.Host, HeaderNames.UserAgent, HeaderNames.Accept, HeaderNames.AcceptEncoding, HeaderNames.AcceptLanguage,
        HeaderNames.AcceptCharset, HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.Cookie, HeaderNames.Referer,
        HeaderNames.Origin, HeaderNames.Authorization, HeaderNames.CacheControl, HeaderNames.Pragma, HeaderNames.Range,
        HeaderNames.IfNoneMatch, HeaderNames.IfModifiedSince, HeaderNames.IfMatch, HeaderNames.IfUnmodifiedSince,
        HeaderNames.IfRange, HeaderNames.ContentLength, HeaderNames.ContentType, HeaderNames.TransferEncoding, HeaderNames.TE,
        HeaderNames.Upgrade, HeaderNames.UpgradeInsecureRequests, HeaderNames.Via, HeaderNames.TraceParent, HeaderNames.TraceState,
        "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-User", "Sec-Fetch-Dest", "Sec-CH-UA", "Sec-CH-UA-Mobile",
        "Sec-CH-UA-Platform", "Priority", "DNT", "X-Requested-With", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
        "X-Forwarded-Prefix",
    ];

    private readonly FrozenDictionary<string, FieldTreatment> treatments;
    private readonly string[] prefixes;

    public FieldRules(IEnumerable<string> names, IEnumerable<string> prefixes)
    {
        var table = new Dictionary<string, FieldTreatment>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in Common)
            table[name] = FieldTreatment.Keep;
        foreach (var name in ForgedFields.PurgeNames)
            table[name] = FieldTreatment.StripUnlessPurge;
        foreach (var name in names)
            table[name] = FieldTreatment.Strip;
        treatments = table.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        this.prefixes = [.. prefixes];
    }

    public FieldTreatment Of(string name) => treatments.TryGetValue(name, out var treatment) ? treatment : OfUncommon(name);

    /// <summary>Whether the value holds no control character, and no white space around it (HTTP/1 parsers trim it; in HTTP/2 it is malformed).</summary>
    public static bool IsValue(string? value) =>
        string.IsNullOrEmpty(value)
        || (value[0] is not (' ' or '\t') && value[^1] is not (' ' or '\t') && !HasControl(value));

    /// <summary>A control character other than the tab: no field value holds one (RFC 9110 §5.5), and Kestrel throws where one is to be written.</summary>
    public static bool HasControl(string? value) => value.AsSpan().ContainsAny(Controls);

    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenCharacters);

    private FieldTreatment OfUncommon(string name)
    {
        if (!IsToken(name))
            return FieldTreatment.Refuse;
        if (name.Contains('_'))
            return FieldTreatment.Strip;
        foreach (var prefix in prefixes)
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                return FieldTreatment.Strip;
        return FieldTreatment.Keep;
    }
}
