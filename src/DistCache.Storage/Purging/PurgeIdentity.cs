namespace DistCache.Storage.Purging;

/// <summary>By what a purge may select a response.</summary>
/// <param name="Url">Absolute, canonical: <c>scheme://host/path?query</c>.</param>
/// <param name="SchemeLength">Characters before <c>://</c>.</param>
/// <param name="HostLength">Characters of the host with its port.</param>
/// <param name="Tags">Cache tags; null: it carried more than may be kept, so every purge of any tag selects it.</param>
public sealed record PurgeIdentity(string Url, int SchemeLength, int HostLength, IReadOnlyList<string>? Tags)
{
    private const int SeparatorLength = 3;

    public ReadOnlySpan<char> Host => Url.AsSpan(SchemeLength + SeparatorLength, HostLength);

    /// <summary>The URL without its scheme: what a prefix without one is compared with.</summary>
    public ReadOnlySpan<char> UrlWithoutScheme => Url.AsSpan(SchemeLength + SeparatorLength);

    public static PurgeIdentity Of(string scheme, string host, string pathAndQuery, IReadOnlyList<string>? tags) =>
        new($"{scheme}://{host}{pathAndQuery}", scheme.Length, host.Length, tags);
}
