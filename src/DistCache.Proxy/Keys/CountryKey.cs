using DistCache.Geo.Places;
using DistCache.Proxy.Geo;

namespace DistCache.Proxy.Keys;

/// <summary>
/// <c>Key:Country</c>: the client's country as part of the key; or, with a list, the first of its countries and groups that the client's country
/// belongs to, so that a site with one version for the EU and one for the rest has two variants and not two hundred.
/// </summary>
/// <param name="Members">Empty: each country is a place of its own.</param>
internal sealed record CountryKey(IReadOnlyList<string> Members)
{
    /// <summary>Whom no member of the list takes.</summary>
    public const string Other = "other";

    public bool IsByGroup => Members.Count > 0;

    public string PlaceOf(ClientPlace client, CountryGroups groups)
    {
        if (!IsByGroup)
            return client.Name;
        if (client.Country is { } country)
            foreach (var member in Members)
                if (groups.Contains(member, country))
                    return member;
        return Other;
    }
}
