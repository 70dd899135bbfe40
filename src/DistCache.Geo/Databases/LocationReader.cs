using System.Net;
using MaxMind.Db;
using MaxMind.GeoIP2.Responses;

namespace DistCache.Geo.Databases;

/// <summary>
/// Reads one schema into a <see cref="GeoLocation"/>, adding to what another database has said. MaxMind's City, Country and Enterprise databases
/// and what is made like them; its ASN and ISP databases; and flat ones (<c>country_code</c>, and perhaps <c>city</c>, <c>latitude</c>,
/// <c>longitude</c>) as npm's <c>@ip-location-db</c> has them.
/// </summary>
internal abstract class LocationReader(Reader reader)
{
    private readonly InjectableValues _injected = Injected();

    protected Reader Reader => reader;

    protected InjectableValues Values => _injected;

    public static LocationReader For(Reader reader)
    {
        var type = reader.Metadata.DatabaseType;
        if (type.Contains("ASN", StringComparison.OrdinalIgnoreCase) || type.Contains("ISP", StringComparison.OrdinalIgnoreCase))
            return new AsnReader(reader);
        return type.Contains('-') && (type.Contains("City") || type.Contains("Country") || type.Contains("Enterprise")) ? new MaxMindReader(reader) : new FlatReader(reader);
    }

    /// <exception cref="Exception">A value is not what the schema has there.</exception>
    public abstract GeoLocation Read(IPAddress address, GeoLocation known);

    /// <summary>Two capital letters, or null.</summary>
    protected static string? Code(string? text) => text is [>= 'A' and <= 'Z', >= 'A' and <= 'Z'] ? text : null;

    protected static GeoPoint? Point(double? latitude, double? longitude) =>
        latitude is { } north && longitude is { } east && new GeoPoint(north, east) is { IsValid: true } point ? point : null;

    // What the response classes want besides the database's own values, and we do not.
    private static InjectableValues Injected()
    {
        var values = new InjectableValues();
        values.AddValue("locales", new List<string> { "en" });
        values.AddValue("ip_address", "");
        return values;
    }
}
