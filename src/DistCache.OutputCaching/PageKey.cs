using System.Globalization;
using System.Text;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Http;

namespace DistCache.OutputCaching;

/// <summary>
/// The middleware's key, and what <see cref="AsOfPolicy"/> has put into it: the node's purge count when the request came, and the URL as purges find
/// it. The middleware joins requests of one key, so nobody joins a rendering that began before a purge; the store takes the count out again. The
/// URL stays: by what a page may be purged is the same for all whom it answers, not what the first of them happened to ask for.
/// <code>
/// …RS V RS … RS distcache=COUNT SP FENCE SP SCHEME SP HOST SP PATH RS …      RS: U+001E, which no part can contain
/// </code>
/// </summary>
/// <param name="Key">Without count and fence: the same on every node.</param>
/// <param name="AsOf">A rendering that the request began is true for that count.</param>
/// <param name="Host">As <see cref="PageUrl"/> has it, like <paramref name="Path"/>.</param>
internal sealed record PageKey(CacheKey Key, long AsOf, string Scheme, string Host, string Path)
{
    /// <summary>Tags of one page, as the edges count them: with more every purge of any tag selects it.</summary>
    private const int MostTags = 64;
    private const int LongestTag = 128;

    private const char Separator = '\u001e';
    private const string Name = "distcache";
    private static readonly string Begin = $"{Separator}{Name}=";

    /// <summary>What the middleware writes in the place of a host that does not count.</summary>
    private static readonly string NoHost = $"{Separator}*:*";

    /// <param name="fence">Different for each request while the node may not serve what it holds: then nobody joins anybody.</param>
    public static KeyValuePair<string, string> ValueOf(HttpRequest request, long asOf, long fence) => new(
        Name, string.Create(CultureInfo.InvariantCulture, $"{asOf} {fence} {request.Scheme} {PageUrl.HostOf(request)} {PageUrl.PathOf(request)}"));

    /// <summary>Null: the policy has not had its say, so nobody knows since when this page is true.</summary>
    public static PageKey? Read(string key)
    {
        var begin = key.LastIndexOf(Begin, StringComparison.Ordinal);
        if (begin < 0)
            return null;
        var end = key.IndexOf(Separator, begin + 1) is var next and >= 0 ? next : key.Length;
        var parts = key[(begin + Begin.Length)..end].Split(' ', 5);
        if (parts.Length != 5 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var asOf))
            return null;
        var (scheme, host, path) = (parts[2], key.Contains(NoHost, StringComparison.Ordinal) ? PageUrl.AnyHost : parts[3], parts[4]);
        return new(new CacheKey(Encoding.UTF8.GetBytes($"output\0{key[..begin]}{Begin}{scheme} {host} {path}{key[end..]}")), asOf, scheme, host, path);
    }

    public PurgeIdentity IdentityWith(ReadOnlySpan<string> tags)
    {
        var kept = new List<string>(tags.Length);
        foreach (var tag in tags)
            if (!kept.Contains(tag, StringComparer.Ordinal))
                kept.Add(tag);
        return PurgeIdentity.Of(Scheme, Host, Path, kept.Count <= MostTags && kept.TrueForAll(tag => tag.Length <= LongestTag) ? kept : null);
    }
}
