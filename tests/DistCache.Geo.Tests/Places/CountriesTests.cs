using System.Net;
using DistCache.Geo.Places;

namespace DistCache.Geo.Tests.Places;

public class CountriesTests
{
    [Fact]
    public void Each_country_has_two_letters_a_continent_and_a_centre_on_the_globe()
    {
        Assert.Equal(250, Countries.All.Count());
        foreach (var country in Countries.All)
        {
            Assert.Matches("^[A-Z]{2}$", country);
            Assert.Contains(Countries.ContinentOf(country), new[] { "AF", "AN", "AS", "EU", "NA", "OC", "SA" });
            Assert.True(Countries.CentreOf(country)!.Value.IsValid);
        }
    }

    /// <summary>Rough boxes: a sign or two columns mixed up would put a country elsewhere.</summary>
    [Fact]
    public void A_centre_lies_on_its_continent()
    {
        var boxes = new Dictionary<string, (double South, double North, double West, double East)>
        {
            ["AF"] = (-36, 38, -26, 60), ["AS"] = (-13, 56, 25, 141), ["EU"] = (34, 79, -25, 66), ["NA"] = (7, 72, -125, -50), ["SA"] = (-56, 13, -82, -34),
        };
        foreach (var country in Countries.All)
            if (boxes.TryGetValue(Countries.ContinentOf(country)!, out var box))
            {
                var centre = Countries.CentreOf(country)!.Value;
                Assert.True(centre.Latitude > box.South && centre.Latitude < box.North && centre.Longitude > box.West && centre.Longitude < box.East, $"{country} {centre}");
            }
    }

    [Fact]
    public void The_European_Union_has_27_members_all_countries_and_is_not_the_continent()
    {
        Assert.Equal(27, CountryGroups.EuropeanUnion.Count);
        Assert.All(CountryGroups.EuropeanUnion, country => Assert.True(Countries.IsCountry(country)));
        Assert.True(CountryGroups.Default.Contains("EU", "CY"));
        Assert.False(CountryGroups.Default.Contains("EU", "GB"));
        Assert.True(CountryGroups.Default.Contains("Europe", "GB"));
        Assert.True(CountryGroups.Default.Contains("eea", "NO"));
        Assert.True(CountryGroups.Default.Contains("GB", "GB"));
    }

    [Fact]
    public void An_operators_group_is_one_more_and_may_replace_one()
    {
        var groups = new CountryGroups(new Dictionary<string, IReadOnlySet<string>> { ["DACH"] = new HashSet<string> { "DE", "AT", "CH" }, ["EFTA"] = new HashSet<string> { "CH" } });
        Assert.True(groups.Contains("dach", "AT"));
        Assert.False(groups.Contains("EFTA", "NO"));
        Assert.True(groups.Contains("EU", "DE"));
    }

    [Theory]
    [InlineData("127.0.0.1", AddressKind.Private)]
    [InlineData("10.1.2.3", AddressKind.Private)]
    [InlineData("172.31.0.1", AddressKind.Private)]
    [InlineData("172.32.0.1", AddressKind.Public)]
    [InlineData("100.64.0.1", AddressKind.Private)]
    [InlineData("::ffff:192.168.1.1", AddressKind.Private)]
    [InlineData("fd12::1", AddressKind.Private)]
    [InlineData("fe80::1", AddressKind.Private)]
    [InlineData("::", AddressKind.Special)]
    [InlineData("203.0.113.7", AddressKind.Special)]
    [InlineData("2001:db8::1", AddressKind.Special)]
    [InlineData("8.8.8.8", AddressKind.Public)]
    [InlineData("2001:4860:4860::8888", AddressKind.Public)]
    public void An_address_is_of_a_kind(string address, AddressKind kind) => Assert.Equal(kind, AddressKinds.Of(IPAddress.Parse(address)));
}
