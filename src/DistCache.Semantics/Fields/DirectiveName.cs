using System.Collections.Frozen;

namespace DistCache.Semantics.Fields;

/// <summary>The cache directives that we know (RFC 9111 §5.2, RFC 5861). <c>immutable</c> (RFC 8246) is for clients and passes through unread.</summary>
internal enum DirectiveName
{
    Unknown,
    MaxAge,
    SMaxAge,
    NoStore,
    NoCache,
    Private,
    Public,
    MustRevalidate,
    ProxyRevalidate,
    MustUnderstand,
    NoTransform,
    StaleWhileRevalidate,
    StaleIfError,
    OnlyIfCached,
    MinFresh,
    MaxStale,
}

internal static class DirectiveNames
{
    private static readonly FrozenDictionary<string, DirectiveName>.AlternateLookup<ReadOnlySpan<char>> ByText =
        new Dictionary<string, DirectiveName>
        {
            ["max-age"] = DirectiveName.MaxAge,
            ["s-maxage"] = DirectiveName.SMaxAge,
            ["no-store"] = DirectiveName.NoStore,
            ["no-cache"] = DirectiveName.NoCache,
            ["private"] = DirectiveName.Private,
            ["public"] = DirectiveName.Public,
            ["must-revalidate"] = DirectiveName.MustRevalidate,
            ["proxy-revalidate"] = DirectiveName.ProxyRevalidate,
            ["must-understand"] = DirectiveName.MustUnderstand,
            ["no-transform"] = DirectiveName.NoTransform,
            ["stale-while-revalidate"] = DirectiveName.StaleWhileRevalidate,
            ["stale-if-error"] = DirectiveName.StaleIfError,
            ["only-if-cached"] = DirectiveName.OnlyIfCached,
            ["min-fresh"] = DirectiveName.MinFresh,
            ["max-stale"] = DirectiveName.MaxStale,
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    public static DirectiveName Find(ReadOnlySpan<char> name) => ByText.TryGetValue(name, out var found) ? found : DirectiveName.Unknown;
}
