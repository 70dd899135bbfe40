using System.Collections.Frozen;
using DistCache.Geo.Places;

namespace DistCache.Geo.Regions;

/// <summary>All regions, valid together. Immutable.</summary>
public sealed class RegionTable
{
    public static readonly RegionTable Empty = new([]);

    private readonly FrozenDictionary<string, Region> _byName;

    private RegionTable(IReadOnlyList<Region> regions)
    {
        All = regions;
        _byName = regions.ToFrozenDictionary(region => region.Name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>By name.</summary>
    public IReadOnlyList<Region> All { get; }

    public bool IsEmpty => All.Count == 0;

    public Region? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Every error begins with the region and what is wrong of it (<c>eu-west:Latitude: ...</c>); a region with one is left out.</summary>
    public static RegionTable Build(IEnumerable<Region> regions, CountryGroups groups, ICollection<string> errors)
    {
        var all = regions.OrderBy(region => region.Name, StringComparer.OrdinalIgnoreCase).ToArray();
        return new([.. all.Where(region => IsSound(region, all, groups, errors))]);
    }

    private static bool IsSound(Region region, Region[] all, CountryGroups groups, ICollection<string> errors)
    {
        var before = errors.Count;
        if (region.Point is { IsValid: false } point)
            errors.Add($"{region.Name}:{(point.Latitude is >= -90 and <= 90 ? "Longitude" : "Latitude")}: is out of range; write a latitude from -90 to 90 and a longitude from -180 to 180, in degrees.");
        if (region.Point is null && region.Countries.Count == 0)
            errors.Add($"{region.Name}: says nowhere; write Latitude and Longitude, Countries, or both.");
        foreach (var member in region.Countries)
            if (!groups.IsGroup(member) && !Places.Countries.IsCountry(member))
                errors.Add($"{region.Name}:Countries: '{member}' is neither a country's two capital letters nor a group; groups are {string.Join(", ", groups.Names)}.");
        if (region.PublicAddress is { } address && (address.Scheme is not ("http" or "https") || address.PathAndQuery != "/" || address.Fragment.Length + address.UserInfo.Length > 0))
            errors.Add($"{region.Name}:PublicAddress: '{address}' is more than scheme, host and port; write it as https://eu.example.net.");
        CheckShield(region, all, errors);
        return errors.Count == before;
    }

    private static void CheckShield(Region region, Region[] all, ICollection<string> errors)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var at = region; at.Shield is { } shield;)
        {
            if (Array.Find(all, other => other.Name.Equals(shield, StringComparison.OrdinalIgnoreCase)) is not { } next)
            {
                if (at == region)
                    errors.Add($"{region.Name}:Shield: there is no region '{shield}'; name one of {string.Join(", ", all.Select(other => other.Name))}.");
                return;
            }
            if (!seen.Add(at.Name) || next == region)
            {
                errors.Add($"{region.Name}:Shield: its shields lead back to it; take one of them away.");
                return;
            }
            at = next;
        }
    }
}
