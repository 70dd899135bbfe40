using System.Net;
using MaxMind.Db;
using MaxMind.GeoIP2.Responses;

namespace DistCache.Geo.Databases;

/// <summary>MaxMind's own schema: a City response holds all that a Country response does.</summary>
internal sealed class MaxMindReader(Reader reader) : LocationReader(reader)
{
    public override GeoLocation Read(IPAddress address, GeoLocation known)
    {
        if (Reader.Find<CityResponse>(address, Values) is not { } found)
            return known;
        // Of an anycast or satellite provider only where it is registered may be known.
        var country = Code(found.Country?.IsoCode) is not null ? found.Country : found.RegisteredCountry;
        return known with
        {
            Country = Code(country?.IsoCode) ?? known.Country,
            Continent = Code(found.Continent?.Code) ?? known.Continent,
            IsInEuropeanUnion = country?.IsInEuropeanUnion ?? known.IsInEuropeanUnion,
            Subdivision = found.Subdivisions is [{ IsoCode: { } subdivision }, ..] ? subdivision : known.Subdivision,
            City = found.City?.Names is { } names && names.TryGetValue("en", out var city) ? city : known.City,
            Point = Point(found.Location?.Latitude, found.Location?.Longitude) ?? known.Point,
        };
    }
}
