using DistCache.TestKit;

namespace DistCache.LoadTests.Fleet;

/// <summary>Where clients come from, and the region that stands there. Their addresses are loopback's, and the database that the edges read knows them.</summary>
internal sealed record Continent(string Name, string Region, string Country, string Code, string Network, double Latitude, double Longitude)
{
    /// <summary>The purge log stands in the region of the first.</summary>
    public static readonly IReadOnlyList<Continent> All =
    [
        new("Europe", "eu-west", "DE", "EU", "127.0.1", 50.1, 8.7),
        new("America", "us-east", "US", "NA", "127.0.2", 40.7, -74.0),
        new("Asia", "ap-south", "IN", "AS", "127.0.3", 19.1, 72.9),
    ];

    /// <summary>One of its clients.</summary>
    public string Address(Random random) => $"{Network}.{random.Next(1, 255)}";

    public static void WriteDatabase(string path)
    {
        var places = new MmdbWriter("GeoIP2-City");
        foreach (var continent in All)
            places.Place($"{continent.Network}.0/24", continent.Country, continent.Code, (continent.Latitude, continent.Longitude));
        places.Replace(path);
    }

    /// <summary>What every edge of the fleet is told of the map.</summary>
    public static Dictionary<string, string?> Settings(string database)
    {
        var settings = new Dictionary<string, string?> { ["DistCache__Geo__Database"] = database };
        foreach (var continent in All)
        {
            var region = $"DistCache__Regions__{continent.Region}__";
            settings[region + "Latitude"] = FormattableString.Invariant($"{continent.Latitude}");
            settings[region + "Longitude"] = FormattableString.Invariant($"{continent.Longitude}");
            settings[region + "PublicAddress"] = $"http://{continent.Region}.example.net";
        }
        return settings;
    }
}
