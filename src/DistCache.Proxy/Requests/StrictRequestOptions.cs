namespace DistCache.Proxy.Requests;

/// <summary>Options of <see cref="StrictRequest"/>.</summary>
public sealed class StrictRequestOptions
{
    /// <summary>Our member name in Cache-Status (RFC 9211 §2), an sf-token. Default <c>DistCache</c>.</summary>
    public string CacheName { get; init; } = "DistCache";

    /// <summary>Fields that are removed from every request. Default <see cref="ForgedFields.Names"/>.</summary>
    public IReadOnlyCollection<string> StrippedFields { get; init; } = ForgedFields.Names;

    /// <summary>Beginnings of names that are removed from every request. Default <see cref="ForgedFields.Prefixes"/>.</summary>
    public IReadOnlyCollection<string> StrippedPrefixes { get; init; } = ForgedFields.Prefixes;
}
