using System.Buffers;

namespace DistCache.Proxy.Requests;

/// <summary>
/// The one spelling of path and query that is routed, keyed <b>and</b> forwarded. Two requests have the same canonical
/// target exactly when the origin would read the same bytes.
/// <list type="bullet">
/// <item>Path: hexadecimal digits of escapes in upper case, escaped unreserved characters decoded, dot segments removed
/// (RFC 3986 §6.2.2), also when written <c>%2e</c>. Everything else stays: <c>%2F</c> and <c>%252F</c> are two paths,
/// <c>//</c> is not <c>/</c>, valid escapes of bytes from 0x80 up are never decoded.</item>
/// <item>Query: kept byte for byte (<c>?q=100%</c> is what browsers send, and <c>%0D%0A</c> is a text area's line end);
/// only an empty <c>?</c> is dropped.</item>
/// <item>An absolute-form loses scheme and authority (RFC 9112 §3.2.2), which the caller compares with Host.</item>
/// </list>
/// </summary>
public readonly struct CanonicalTarget
{
    /// <summary>Longest target that is taken, in characters: under the 8 KB request line of the common origins, so that none of them answers for its size.</summary>
    public const int MaxLength = 7680;

    private static readonly SearchValues<char> Visible = SearchValues.Create(Printable(except: "#"));
    private static readonly SearchValues<char> PlainPath = SearchValues.Create(Printable(except: "#?%"));

    private CanonicalTarget(string path, string query, string? scheme = null, string? authority = null)
    {
        Path = path;
        Query = query;
        Scheme = scheme;
        Authority = authority;
    }

    /// <summary>The escaped path, beginning with <c>/</c>; <c>*</c> for the asterisk-form, which only OPTIONS may use.</summary>
    public string Path { get; }

    /// <summary>Empty, or the query with its leading <c>?</c>.</summary>
    public string Query { get; }

    /// <summary>Scheme of an absolute-form as it was sent; null for the other forms.</summary>
    public string? Scheme { get; }

    /// <summary>Authority of an absolute-form as it was sent; null for the other forms.</summary>
    public string? Authority { get; }

    /// <summary>Whether this is the asterisk-form (RFC 9112 §3.2.4).</summary>
    public bool IsAsterisk => Path == "*";

    /// <summary>Canonicalises a target as it came in the request line or <c>:path</c>. Nothing is allocated for a canonical path without a query.</summary>
    /// <param name="rawTarget">The target, one character for each byte.</param>
    /// <param name="target">The canonical target; default when refused.</param>
    /// <returns><see cref="TargetError.None"/>, or why the target is refused.</returns>
    public static TargetError TryParse(string rawTarget, out CanonicalTarget target) => TryParse(rawTarget, null, null, out target);

    /// <summary>As above; <paramref name="knownPath"/> and <paramref name="knownQuery"/> are strings that may already hold the answer, so that no copy is made.</summary>
    internal static TargetError TryParse(string rawTarget, string? knownPath, string? knownQuery, out CanonicalTarget target)
    {
        target = default;
        if (rawTarget.Length > MaxLength)
            return TargetError.TooLong;
        if (rawTarget.Length > 0 && rawTarget[0] == '/')
            return TryParsePath(rawTarget, knownPath, knownQuery, null, null, out target);
        if (rawTarget == "*")
        {
            target = new CanonicalTarget("*", "");
            return TargetError.None;
        }

        return TryParseAbsolute(rawTarget, out target);
    }

    private static TargetError TryParseAbsolute(string raw, out CanonicalTarget target)
    {
        target = default;
        var scheme = raw.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? "http"
            : raw.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https" : null;
        if (scheme is null)
            return TargetError.Form;

        var rest = raw.AsSpan(scheme.Length + 3);
        var end = rest.IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        if (authority.IsEmpty || authority.Contains('@'))
            return TargetError.Form; // Userinfo in http(s) is an error to recipients (RFC 9110 §4.2.4).

        rest = end < 0 ? "" : rest[end..];
        var origin = rest.StartsWith('/') ? rest.ToString() : string.Concat("/", rest);
        return TryParsePath(origin, null, null, scheme, authority.ToString(), out target);
    }

    private static TargetError TryParsePath(
        string raw, string? knownPath, string? knownQuery, string? scheme, string? authority, out CanonicalTarget target)
    {
        target = default;
        var text = raw.AsSpan();
        var split = text.IndexOf('?');
        var path = split < 0 ? text : text[..split];
        var query = split < 0 ? default : text[split..];

        if (query.IndexOfAnyExcept(Visible) is >= 0 and var odd)
            return Describe(query[odd]);

        string canonicalPath;
        if (!path.ContainsAnyExcept(PlainPath) && !path.Contains("/.", StringComparison.Ordinal))
            canonicalPath = path.Length == raw.Length ? raw : Own(path, knownPath);
        else if (PathRewriter.TryRewrite(path, raw, knownPath, out canonicalPath) is not TargetError.None and var error)
            return error;

        target = new CanonicalTarget(canonicalPath, query.Length < 2 ? "" : Own(query, knownQuery), scheme, authority);
        return TargetError.None;
    }

    internal static TargetError Describe(char c) => c switch
    {
        '#' => TargetError.Fragment,
        > '\x7e' and not '\x7f' => TargetError.NonAscii,
        _ => TargetError.Control,
    };

    internal static string Own(ReadOnlySpan<char> text, string? known) =>
        known is not null && text.SequenceEqual(known) ? known : text.ToString();

    private static string Printable(string except) =>
        string.Concat(Enumerable.Range(0x21, 0x7f - 0x21).Select(c => (char)c).Where(c => !except.Contains(c)));
}
