using System.Globalization;
using System.Net;
using MaxMind.Db;

namespace DistCache.Geo.Databases;

/// <summary>One map of plain values, as npm's <c>@ip-location-db/*-mmdb</c>; names as they stand in its documentation.</summary>
internal sealed class FlatReader(Reader reader) : LocationReader(reader)
{
    public override GeoLocation Read(IPAddress address, GeoLocation known)
    {
        if (Reader.Find<Dictionary<string, object>>(address) is not { } found)
            return known;
        return known with
        {
            Country = Code(Text(found, "country_code")?.ToUpperInvariant()) ?? known.Country,
            City = Text(found, "city") ?? known.City,
            Point = Point(Number(found, "latitude"), Number(found, "longitude")) ?? known.Point,
            Asn = Number(found, "autonomous_system_number") is > 0 and <= uint.MaxValue and { } asn ? (uint)asn : known.Asn,
            AsOrganization = Text(found, "autonomous_system_organization") ?? known.AsOrganization,
        };
    }

    private static string? Text(Dictionary<string, object> found, string key) => found.GetValueOrDefault(key) as string is { Length: > 0 } text ? text : null;

    private static double? Number(Dictionary<string, object> found, string key) => found.GetValueOrDefault(key) switch
    {
        double or float or int or long or uint or ulong => Convert.ToDouble(found[key], CultureInfo.InvariantCulture),
        string text when double.TryParse(text, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };
}
