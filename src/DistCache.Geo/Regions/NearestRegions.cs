using System.Globalization;
using DistCache.Geo.Places;

namespace DistCache.Geo.Regions;

/// <summary>
/// Puts regions in order for a client; pure.
/// <list type="number">
/// <item>Those that can take it, before those that cannot.</item>
/// <item>Those that name its country, before all others.</item>
/// <item>The nearer before the farther: from the client's coordinates, else from its country's centre.</item>
/// <item>Without any place: the own region first, then by name.</item>
/// </list>
/// An overloaded region keeps its own clients: it is left out for everybody else.
/// </summary>
public static class NearestRegions
{
    /// <param name="own">The region that asks; null: none.</param>
    public static IReadOnlyList<RegionChoice> Of(in GeoLocation client, RegionTable regions, CountryGroups groups, IRegionHealth health, string? own)
    {
        var point = client.Point ?? Countries.CentreOf(client.Country);
        var isCentre = client.Point is null;
        var country = client.Country;
        return
        [
            .. regions.All.Select(region => Choice(region, point, isCentre, country, groups, health.Of(region.Name)))
                .OrderBy(choice => choice.IsLeftOut)
                .ThenByDescending(choice => choice.IsNamed)
                .ThenBy(choice => choice.Distance ?? double.MaxValue)
                .ThenByDescending(choice => choice.Region.Name.Equals(own, StringComparison.OrdinalIgnoreCase))
                .ThenBy(choice => choice.Region.Name, StringComparer.OrdinalIgnoreCase),
        ];
    }

    private static RegionChoice Choice(Region region, GeoPoint? client, bool isCentre, string? country, CountryGroups groups, RegionHealth health)
    {
        var isNamed = country is not null && region.Countries.Any(member => groups.Contains(member, country));
        double? distance = client is { } from && region.Point is { } to ? from.DistanceTo(to) : null;
        var place = distance is { } km
            ? string.Create(CultureInfo.InvariantCulture, $"{km:0} km from {(isCentre ? $"the centre of {country}" : "the client")}")
            : client is null ? "the client's place is not known" : "its place is not written";
        var reason = isNamed ? $"names {country}, {place}" : place;
        var leftOut = !region.IsAvailable ? LeftOut.NotAvailable : health switch
        {
            RegionHealth.Down => LeftOut.Down,
            RegionHealth.Overloaded => LeftOut.Overloaded,
            _ => LeftOut.None,
        };
        return new(region, distance, leftOut is LeftOut.None ? reason : $"{Word(leftOut)}; {reason}", leftOut) { IsNamed = isNamed };
    }

    private static string Word(LeftOut leftOut) => leftOut switch
    {
        LeftOut.NotAvailable => "taken out by its configuration",
        LeftOut.Down => "down",
        _ => "overloaded",
    };
}
