using System.Globalization;
using System.Text;
using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DistCache.OutputCaching;

/// <summary>
/// The spelling of a URL in which pages and purges meet: scheme, host, and the path decoded and in upper case, without its query. It is as coarse
/// as anything that the middleware takes for one page (it ignores the case of paths and of query names, sorts the query or looks at a part of it),
/// so a page that was rendered for one spelling is reached by a purge of any other that it answers.
/// </summary>
internal static class PageUrl
{
    /// <summary>Of a page that the app shares among its hosts (<c>SetVaryByHost(false)</c>): a purge of any host reaches it.</summary>
    public const string AnyHost = "*";

    private const char Unknown = '\ufffd';

    /// <summary>Lower case, without the scheme's own port and a trailing dot, as purges name it.</summary>
    public static string HostOf(HttpRequest request)
    {
        var name = request.Host.Host.ToLowerInvariant();
        name = name.EndsWith('.') ? name[..^1] : name;
        return request.Host.Port is { } port && port != (request.IsHttps ? 443 : 80) ? string.Create(CultureInfo.InvariantCulture, $"{name}:{port}") : name;
    }

    /// <summary>Of the target as it was sent: the app may have rewritten its path, and nobody outside knows that one.</summary>
    public static string PathOf(HttpRequest request) =>
        PathOf(request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget is { Length: > 0 } raw && raw[0] == '/' ? raw : request.PathBase.Add(request.Path).ToUriComponent());

    /// <summary>The selectors under which that purge finds pages: never fewer pages than it names, and all queries of a path.</summary>
    public static IEnumerable<PurgeSelector> Of(PurgeSelector selector) => selector.Scope switch
    {
        PurgeScope.Url => Urls(selector.Value),
        PurgeScope.Prefix => Prefixes(selector.Value),
        PurgeScope.Host => [selector, new(PurgeScope.Host, AnyHost)],
        _ => [selector],
    };

    private static IEnumerable<PurgeSelector> Urls(string url)
    {
        var (scheme, host, target) = Split(url);
        var path = PathOf(target);
        return [new(PurgeScope.Url, scheme + host + path), new(PurgeScope.Url, scheme + AnyHost + path)];
    }

    private static IEnumerable<PurgeSelector> Prefixes(string prefix)
    {
        var (scheme, host, target) = Split(prefix);
        if (target.Contains('?', StringComparison.Ordinal)) // of all that begins so the path is known
            return (scheme.Length > 0 ? [scheme] : (string[])["http://", "https://"]).SelectMany(one => Urls(one + host + target));
        var path = WholePart(Decoded(target));
        return [new(PurgeScope.Prefix, scheme + host + path), new(PurgeScope.Prefix, scheme + AnyHost + path)];
    }

    /// <summary>Scheme with its separator or empty, host, path with query or empty.</summary>
    private static (string Scheme, string Host, string Target) Split(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at ? at + 3 : 0;
        var end = url.IndexOf('/', start) is >= 0 and var slash ? slash : url.Length;
        return (url[..start], url[start..end], url[end..]);
    }

    private static string PathOf(string target)
    {
        var path = Decoded(WithoutDots(target.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? target[..query] : target));
        return path.Length == 0 ? "/" : path;
    }

    /// <summary>As servers do it (RFC 3986 §5.2.4), before <c>%2F</c> counts as a slash.</summary>
    private static string WithoutDots(string path)
    {
        if (!path.Contains("/.", StringComparison.Ordinal) && !path.Contains("/%2e", StringComparison.OrdinalIgnoreCase))
            return path;
        var kept = new List<string>();
        var segments = path.Split('/');
        foreach (var (i, segment) in segments.Index().Skip(1))
        {
            var plain = segment.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase);
            if (plain == ".." && kept.Count > 0)
                kept.RemoveAt(kept.Count - 1);
            if (plain is not ("." or ".."))
                kept.Add(segment);
            else if (i == segments.Length - 1)
                kept.Add("");
        }
        return "/" + string.Join('/', kept);
    }

    /// <summary>
    /// Until nothing is left to decode, since servers decode once and leave <c>%2F</c>: so both sides come to the same, however often each was decoded
    /// before. What no path can contain, and could not stand in the middleware's key, is told no more apart.
    /// </summary>
    private static string Decoded(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = 0;
        foreach (var next in bytes)
        {
            bytes[length++] = next;
            while (length >= 3 && bytes[length - 3] == '%' && byte.TryParse(bytes.AsSpan(length - 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                bytes[(length -= 2) - 1] = value;
        }
        return string.Create(Encoding.UTF8.GetCharCount(bytes, 0, length), bytes, (path, from) =>
        {
            Encoding.UTF8.GetChars(from.AsSpan(0, length), path);
            foreach (ref var character in path)
                character = char.IsControl(character) ? Unknown : char.ToUpperInvariant(character);
        });
    }

    /// <summary>Of a prefix: what follows in a URL may decode together with its end to something else.</summary>
    private static string WholePart(string prefix)
    {
        var end = prefix.IndexOf(Unknown, StringComparison.Ordinal) is >= 0 and var unknown ? unknown : prefix.Length;
        var escape = prefix.LastIndexOf('%', Math.Max(end - 1, 0), Math.Min(2, end));
        return prefix[..(escape >= 0 ? escape : end)];
    }
}
