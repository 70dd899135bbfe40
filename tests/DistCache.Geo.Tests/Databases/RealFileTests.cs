using System.Net;
using DistCache.Geo.Databases;
using DistCache.TestKit;

namespace DistCache.Geo.Tests.Databases;

/// <summary>MaxMind's own test databases, where they stand beside the repository.</summary>
public class RealFileTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "..", "shared", "data", "geoip");

    [Theory]
    [InlineData("GeoIP2-City-Test.mmdb", "81.2.69.142", "GB", "EU", "London")]
    [InlineData("GeoIP2-City-Test.mmdb", "2a02:cfc0::", "FR", "EU", null)]
    [InlineData("GeoLite2-Country-Test.mmdb", "81.2.69.142", "GB", "EU", null)]
    public void Places_are_read(string file, string address, string country, string continent, string? city)
    {
        using var database = Open(file);
        Assert.Null(database.State.Problem);
        var found = database.Find(IPAddress.Parse(address));
        Assert.Equal((country, continent, city), (found.Country, found.Continent, found.City));
        Assert.Equal(0, database.Failures);
    }

    [Fact]
    public void Autonomous_systems_are_read()
    {
        using var database = Open("GeoLite2-ASN-Test.mmdb");
        Assert.Null(database.State.Problem);
        var found = database.Find(IPAddress.Parse("1.128.0.1"));
        Assert.Equal((1221u, "Telstra Pty Ltd"), (found.Asn, found.AsOrganization));
    }

    [Theory]
    [InlineData("GeoIP2-City-Test-Broken-Double-Format.mmdb")]
    [InlineData("GeoIP2-City-Test-Invalid-Node-Count.mmdb")]
    [InlineData("MaxMind-DB-test-broken-pointers-24.mmdb")]
    [InlineData("MaxMind-DB-test-broken-search-tree-24.mmdb")]
    public void Broken_ones_are_refused_with_words(string file)
    {
        using var database = Open(file);
        Assert.NotNull(database.State.Problem);
        Assert.Equal(GeoLocation.Unknown, database.Find(IPAddress.Parse("81.2.69.142")));
    }

    private static GeoDatabase Open(string file)
    {
        var path = Path.Combine(Folder, file);
        Assert.SkipUnless(File.Exists(path), $"{file} is not beside the repository (../shared/data/geoip)");
        return new(path, TimeProvider.System);
    }
}
