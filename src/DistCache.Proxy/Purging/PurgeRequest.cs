using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace DistCache.Proxy.Purging;

/// <summary>
/// A <c>PURGE</c> on the data port, as users of Varnish, nginx and Fastly send it: the tags of a <c>Surrogate-Key</c>, <c>xkey</c>,
/// <c>Cache-Tag</c> or <c>Edge-Cache-Tag</c> field, else the URL with all its variants, for both schemes. <c>Purge-Scope</c> widens the
/// URL to a <c>prefix</c>, its <c>host</c>, or <c>everything</c>. <c>Soft-Purge: 1</c> (or <c>Fastly-Soft-Purge: 1</c>) makes stale
/// instead of unusable. A selector of another product that is not understood here is refused, not read as the URL that it came with.
/// </summary>
internal sealed record PurgeRequest(IReadOnlyList<PurgeSelector> Selectors, PurgeMode Mode)
{
    /// <summary>Null, with the reason, when it is not one.</summary>
    public static PurgeRequest? Read(HttpRequest request, out string error)
    {
        error = "";
        var mode = ModeOf(request.Headers, ref error);
        var tags = Tags(request.Headers, ref error);
        var scope = ScopeOf(request, tags.Count > 0, ref error);
        if (error.Length > 0)
            return null;
        return new(tags.Count > 0 ? [.. tags.Select(tag => new PurgeSelector(PurgeScope.Tag, tag))] : SelectorsOf(request, scope), mode);
    }

    private static PurgeScope ScopeOf(HttpRequest request, bool hasTags, ref string error)
    {
        foreach (var name in (string[])["X-Purge-Mode", "X-Purge-Tags"])
            if (request.Headers.ContainsKey(name))
                error = $"{name} is not understood; name tags in Surrogate-Key, and the mode in Soft-Purge.";
        var hasMethod = request.Headers.TryGetValue("X-Purge-Method", out var method);
        var hasScope = request.Headers.TryGetValue("Purge-Scope", out var written);
        // Each of the three says what is purged: of two, one would be passed over in silence.
        if ((hasTags ? 1 : 0) + (hasMethod ? 1 : 0) + (hasScope ? 1 : 0) > 1)
            error = "A purge has tags, a Purge-Scope or an X-Purge-Method, not two of them.";
        if (hasMethod)
            return ScopeOf(request, TextOf(method), ref error);
        if (!hasScope)
            return PurgeScope.Url;
        switch (TextOf(written))
        {
            case "url":
                return PurgeScope.Url;
            case "prefix":
                return PurgeScope.Prefix;
            case "host":
                return PurgeScope.Host;
            case "everything":
                return PurgeScope.Everything;
            default:
                error = $"Purge-Scope is url, prefix, host or everything, not '{written}'.";
                return default;
        }
    }

    // As plug-ins for Varnish write it: one URL, or a whole host.
    private static PurgeScope ScopeOf(HttpRequest request, string method, ref string error)
    {
        if (method is "default" or "exact")
            return PurgeScope.Url;
        if (method != "regex" || request.Path.Value != "/.*" || request.QueryString.HasValue)
            error = $"X-Purge-Method: {method} is understood for /.* only; write Purge-Scope: prefix.";
        return PurgeScope.Host;
    }

    private static PurgeMode ModeOf(IHeaderDictionary headers, ref string error)
    {
        PurgeMode? mode = null;
        foreach (var name in (string[])["Soft-Purge", "Fastly-Soft-Purge"])
        {
            if (!headers.TryGetValue(name, out var value))
                continue;
            if (TextOf(value) is not ("0" or "1"))
                error = $"{name} is 1 (soft) or 0 (hard), not '{value}'.";
            var said = TextOf(value) == "1" ? PurgeMode.Soft : PurgeMode.Hard;
            if (mode is { } before && before != said)
                error = "Soft-Purge and Fastly-Soft-Purge contradict each other.";
            mode = said;
        }
        return mode ?? PurgeMode.Hard;
    }

    // An empty line counts: StringValues itself would pass over it.
    private static string TextOf(StringValues lines) => string.Join(", ", lines.ToArray());

    private static List<string> Tags(IHeaderDictionary headers, ref string error)
    {
        var tags = new List<string>();
        foreach (var (name, separator) in (ReadOnlySpan<(string, char)>)[("Surrogate-Key", ' '), ("xkey", ' '), ("Cache-Tag", ','), ("Edge-Cache-Tag", ',')])
        {
            if (!headers.TryGetValue(name, out var lines))
                continue;
            var before = tags.Count;
            foreach (var line in lines)
                tags.AddRange(line!.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            // A selector that says nothing must not become a purge of the URL that it came with.
            if (tags.Count == before)
                error = $"{name} names no tag.";
        }
        if (tags.Find(tag => !CacheTags.IsTag(tag)) is { } wrong)
            error = $"'{wrong}' is not a tag: 1 to {CacheTags.MostCharacters} printable ASCII characters without spaces.";
        return tags;
    }

    private static IReadOnlyList<PurgeSelector> SelectorsOf(HttpRequest request, PurgeScope scope)
    {
        var host = request.Host.Value!;
        var url = $"{host}{request.Path.Value}{request.QueryString.Value}";
        return scope switch
        {
            PurgeScope.Prefix => [new(PurgeScope.Prefix, url)],
            PurgeScope.Host => [new(PurgeScope.Host, host)],
            PurgeScope.Everything => [PurgeSelector.Everything],
            _ => [new(PurgeScope.Url, "http://" + url), new(PurgeScope.Url, "https://" + url)],
        };
    }
}
