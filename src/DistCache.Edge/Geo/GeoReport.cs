using System.Net;
using DistCache.Geo.Places;
using DistCache.Proxy.Geo;

namespace DistCache.Edge.Geo;

/// <summary>What <c>GET /api/v1/geo?ip=</c> and the verb <c>geo IP</c> tell of an address.</summary>
/// <param name="Kind">public, private, or special (documentation, multicast, reserved).</param>
/// <param name="Country">As it counts; <paramref name="CountryFrom"/> says by whom.</param>
/// <param name="CoordinatesFrom">The database, or the centre of the country.</param>
/// <param name="Groups">Those that the country belongs to.</param>
internal sealed record GeoReport(
    string Address, string Kind, string? Country, string? CountryFrom, string? Continent, bool IsInEuropeanUnion, string? Subdivision, string? City,
    double? Latitude, double? Longitude, string? CoordinatesFrom, uint? Asn, string? AsOrganization, IReadOnlyList<string> Groups, IReadOnlyList<GeoReport.Source> Databases, Nearest Nearest)
{
    /// <param name="Problem">Why the file as it is now is not in force.</param>
    internal sealed record Source(string Name, string Path, string? Type, DateTimeOffset? BuiltAt, string? Problem);

    public static GeoReport Of(ClientPlaces places, IPAddress address)
    {
        address = AddressKinds.Plain(address);
        var kind = AddressKinds.Of(address);
        var options = places.Options;
        var location = places.Find(address);
        var isTold = places.Lookup.Find(address).Country is not null;
        var centre = location.Point is null ? Countries.CentreOf(location.Country) : null;
        var point = location.Point ?? centre;
        return new(
            address.ToString(),
            kind.ToString().ToLowerInvariant(),
            location.Country,
            location.Country is null ? null : isTold ? "database" : kind is AddressKind.Private ? "DistCache:Geo:Private" : "DistCache:Geo:Unknown",
            location.Continent, location.IsInEuropeanUnion, location.Subdivision, location.City, point?.Latitude, point?.Longitude,
            location.Point is not null ? "database" : centre is not null ? $"centre of {location.Country}" : null,
            location.Asn, location.AsOrganization,
            location.Country is { } country ? [.. options.Groups.Names.Where(group => options.Groups.Contains(group, country))] : [],
            [.. places.Databases.Select(each => new Source(each.Name, each.Database.Path, each.Database.State.Type, each.Database.State.BuiltAt, each.Database.State.Problem))],
            Nearest.Of(places, location, address.ToString()));
    }

    public IEnumerable<string> Text()
    {
        yield return $"{Address}  {Kind}";
        foreach (var database in Databases)
            yield return $"  {database.Name,-12} {database.Type ?? "none in force"}{(database.BuiltAt is { } built ? $" of {built:yyyy-MM-dd}" : "")}, {database.Path}{(database.Problem is null ? "" : $"  PROBLEM: {database.Problem}")}";
        if (Databases.Count == 0)
            yield return "  database     none is configured (DistCache:Geo:Database)";
        yield return Country is null ? "  country      unknown" : $"  country      {Country} ({CountryFrom}), continent {Continent ?? "?"}{(IsInEuropeanUnion ? ", in the European Union" : "")}";
        if (Groups.Count > 0)
            yield return $"  groups       {string.Join(", ", Groups)}";
        if (City is not null || Subdivision is not null)
            yield return $"  city         {string.Join(", ", new[] { City, Subdivision }.OfType<string>())}";
        if (CoordinatesFrom is not null)
            yield return FormattableString.Invariant($"  coordinates  {Latitude:0.###}, {Longitude:0.###} ({CoordinatesFrom})");
        if (Asn is not null)
            yield return $"  network      AS{Asn} {AsOrganization}";
        yield return $"  region       {Nearest.Chosen ?? "none"}: {Nearest.Because}";
        foreach (var region in Nearest.Regions)
            yield return $"    {region.Name,-12} {region.Reason}{(region.PublicAddress is null ? "" : $"  {region.PublicAddress}")}";
    }
}
