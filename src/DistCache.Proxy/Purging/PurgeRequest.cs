using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Purging;

/// <summary>
/// A <c>PURGE</c> on the data port, as users of Varnish, nginx and Fastly send it: the tags of a <c>Surrogate-Key</c>, <c>xkey</c>,
/// <c>Cache-Tag</c> or <c>Edge-Cache-Tag</c> field, else the URL with all its variants, for both schemes. <c>Soft-Purge: 1</c> (or
/// <c>Fastly-Soft-Purge: 1</c>) makes stale instead of unusable.
/// </summary>
internal sealed record PurgeRequest(IReadOnlyList<PurgeSelector> Selectors, PurgeMode Mode)
{
    /// <summary>Null, with the reason, when it is not one.</summary>
    public static PurgeRequest? Read(HttpRequest request, out string error)
    {
        error = "";
        var mode = ModeOf(request.Headers, ref error);
        var tags = Tags(request.Headers, ref error);
        if (error.Length > 0)
            return null;
        return new(tags.Count > 0 ? [.. tags.Select(tag => new PurgeSelector(PurgeScope.Tag, tag))] : UrlOf(request), mode);
    }

    private static PurgeMode ModeOf(IHeaderDictionary headers, ref string error)
    {
        foreach (var name in (string[])["Soft-Purge", "Fastly-Soft-Purge"])
        {
            if (!headers.TryGetValue(name, out var value))
                continue;
            if (value.ToString() == "1")
                return PurgeMode.Soft;
            if (value.ToString() != "0")
                error = $"{name} is 1 (soft) or 0 (hard), not '{value}'.";
        }
        return PurgeMode.Hard;
    }

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

    private static IReadOnlyList<PurgeSelector> UrlOf(HttpRequest request)
    {
        var rest = $"://{request.Host.Value}{request.Path.Value}{request.QueryString.Value}";
        return [new(PurgeScope.Url, "http" + rest), new(PurgeScope.Url, "https" + rest)];
    }
}
