namespace DistCache.Semantics.Uris;

/// <summary>
/// URI-reference (RFC 3986 §4.1), split and resolved by the letter. <see cref="System.Uri"/> would decode and re-encode on the way;
/// spelling is the canonical target's affair, not ours. Any text splits: nothing here throws. Fragments are dropped.
/// </summary>
internal readonly record struct UriReference(string? Scheme, string? Authority, string Path, string? Query)
{
    /// <summary>RFC 3986 appendix B.</summary>
    public static UriReference Split(string text)
    {
        var rest = text.AsSpan();
        if (rest.IndexOf('#') is var hash and >= 0)
            rest = rest[..hash];
        string? query = null, scheme = null, authority = null;
        if (rest.IndexOf('?') is var mark and >= 0)
        {
            query = rest[(mark + 1)..].ToString();
            rest = rest[..mark];
        }
        if (rest.IndexOfAny(':', '/') is var colon and > 0 && rest[colon] == ':')
        {
            scheme = rest[..colon].ToString().ToLowerInvariant();
            rest = rest[(colon + 1)..];
        }
        if (rest.StartsWith("//"))
        {
            rest = rest[2..];
            var slash = rest.IndexOf('/');
            var end = slash < 0 ? rest.Length : slash;
            authority = rest[..end].ToString();
            rest = rest[end..];
        }
        return new(scheme, authority, rest.ToString(), query);
    }

    /// <summary>RFC 3986 §5.2.2, with this as the base.</summary>
    public UriReference Resolve(UriReference reference)
    {
        if (reference.Scheme is not null)
            return reference with { Path = RemoveDotSegments(reference.Path) };
        if (reference.Authority is not null)
            return reference with { Scheme = Scheme, Path = RemoveDotSegments(reference.Path) };
        if (reference.Path.Length == 0)
            return this with { Query = reference.Query ?? Query };
        var path = reference.Path[0] == '/' ? reference.Path : Merge(reference.Path);
        return this with { Path = RemoveDotSegments(path), Query = reference.Query };
    }

    /// <summary>Scheme, host and port equal (RFC 9110 §4.3.1); a default port may be left out. Userinfo, where there is any, must be equal too.</summary>
    public bool IsSameOrigin(UriReference other) =>
        Scheme is not null && Authority is not null && other.Authority is not null
        && Scheme == other.Scheme
        && WithoutDefaultPort().Equals(other.WithoutDefaultPort(), StringComparison.OrdinalIgnoreCase);

    /// <summary>The same origin, path and query; an empty path is "/" (RFC 9110 §4.2.3).</summary>
    public bool IsSameAs(UriReference other) =>
        IsSameOrigin(other) && PathOrRoot == other.PathOrRoot && Query == other.Query;

    private string PathOrRoot => Path.Length == 0 ? "/" : Path;

    public override string ToString() =>
        (Scheme is null ? "" : Scheme + ":") + (Authority is null ? "" : "//" + Authority) + Path + (Query is null ? "" : "?" + Query);

    private string WithoutDefaultPort()
    {
        var port = Scheme switch { "http" => ":80", "https" => ":443", _ => null };
        if (port is not null && Authority!.EndsWith(port, StringComparison.Ordinal))
            return Authority[..^port.Length];
        return Authority!.EndsWith(':') ? Authority[..^1] : Authority;
    }

    // §5.2.3
    private string Merge(string path) =>
        Path.Length == 0 && Authority is not null ? "/" + path : Path[..(Path.LastIndexOf('/') + 1)] + path;

    // §5.2.4
    private static string RemoveDotSegments(string path)
    {
        if (!path.Contains('.'))
            return path;
        var output = new List<string>();
        var segments = path.Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            var isLast = i == segments.Length - 1;
            switch (segments[i])
            {
                case "..":
                    // The first segment, when empty, stands for the root: nothing goes above it. When not, its slash stays behind.
                    if (output.Count > 1)
                        output.RemoveAt(output.Count - 1);
                    else if (output.Count == 1)
                        output[0] = "";
                    if (isLast)
                        output.Add("");
                    break;
                case ".":
                    if (isLast)
                        output.Add("");
                    break;
                default:
                    output.Add(segments[i]);
                    break;
            }
        }
        return string.Join('/', output);
    }
}
