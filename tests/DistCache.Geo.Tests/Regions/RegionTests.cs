using DistCache.Geo.Places;
using DistCache.Geo.Regions;

namespace DistCache.Geo.Tests.Regions;

public class RegionTests
{
    private static readonly Region EuWest = new("eu-west") { Point = new(52.4, 4.9), PublicAddress = new("https://eu.example.net") };
    private static readonly Region UsEast = new("us-east") { Point = new(39.0, -77.5), PublicAddress = new("https://us.example.net") };
    private static readonly Region ApSouth = new("ap-south") { Point = new(19.1, 72.9), PublicAddress = new("https://ap.example.net") };
    private static readonly RegionTable Three = Table(EuWest, UsEast, ApSouth);

    [Theory]
    [InlineData("DE", "eu-west, ap-south, us-east")]
    [InlineData("CA", "us-east, eu-west, ap-south")]
    [InlineData("IN", "ap-south, eu-west, us-east")]
    [InlineData("AU", "ap-south, us-east, eu-west")]
    public void With_a_country_alone_its_centre_counts(string country, string order) =>
        Assert.Equal(order, Order(new() { Country = country }));

    [Fact]
    public void Coordinates_count_before_the_countrys_centre()
    {
        var west = new Region("us-west") { Point = new(37.4, -122.1) };
        var regions = Table(UsEast, west);
        Assert.Equal("us-east, us-west", Names(NearestRegions.Of(new() { Country = "US" }, regions, CountryGroups.Default, AssumedHealth.Instance, null)));
        var choices = NearestRegions.Of(new() { Country = "US", Point = new(34.1, -118.2) }, regions, CountryGroups.Default, AssumedHealth.Instance, null);
        Assert.Equal("us-west, us-east", Names(choices));
        Assert.Matches(@"^5\d\d km from the client$", choices[0].Reason);
    }

    [Fact]
    public void A_region_that_names_the_country_comes_first_however_far_it_is()
    {
        var regions = Table(EuWest, ApSouth with { Countries = ["AU", "EU"] });
        var choices = NearestRegions.Of(new() { Country = "FR" }, regions, CountryGroups.Default, AssumedHealth.Instance, null);
        Assert.Equal("ap-south, eu-west", Names(choices));
        Assert.StartsWith("names FR, ", choices[0].Reason);
    }

    [Theory]
    [InlineData(RegionHealth.Down, "down; ")]
    [InlineData(RegionHealth.Overloaded, "overloaded; ")]
    public void A_region_that_cannot_take_the_client_stands_last_with_the_reason(RegionHealth health, string reason)
    {
        var choices = NearestRegions.Of(new() { Country = "DE" }, Three, CountryGroups.Default, new Health(("eu-west", health)), null);
        Assert.Equal("ap-south, us-east, eu-west", Names(choices));
        Assert.True(choices[2].IsLeftOut);
        Assert.StartsWith(reason, choices[2].Reason);
    }

    [Fact]
    public void A_region_that_its_configuration_takes_out_stands_last() =>
        Assert.Equal("ap-south, us-east, eu-west", Names(NearestRegions.Of(new() { Country = "DE" }, Table(EuWest with { IsAvailable = false }, UsEast, ApSouth), CountryGroups.Default, AssumedHealth.Instance, null)));

    [Fact]
    public void Without_a_place_the_own_region_is_first() =>
        Assert.Equal("us-east, ap-south, eu-west", Names(NearestRegions.Of(default, Three, CountryGroups.Default, AssumedHealth.Instance, "us-east")));

    [Theory]
    [InlineData("DE", "us-east", "eu-west")]
    [InlineData("DE", "eu-west", null)]
    [InlineData("CA", "eu-west", "us-east")]
    [InlineData(null, "us-east", null)]
    [InlineData("DE", "nowhere", null)]
    public void A_client_goes_where_it_gains(string? country, string own, string? to) =>
        Assert.Equal(to, Go(new() { Country = country }, Three, own, AssumedHealth.Instance, 200));

    [Fact]
    public void Between_two_regions_it_stays_where_it_is()
    {
        var regions = Table(EuWest, new Region("eu-central") { Point = new(50.1, 8.7), PublicAddress = new("https://ec.example.net") });
        var between = new GeoLocation { Country = "DE", Point = new(51.0, 7.2) };
        Assert.Null(Go(between, regions, "eu-west", AssumedHealth.Instance, 200));
        Assert.Null(Go(between, regions, "eu-central", AssumedHealth.Instance, 200));
        Assert.Equal("eu-central", Go(between, regions, "eu-west", AssumedHealth.Instance, 10));
    }

    [Fact]
    public void No_two_regions_send_a_client_to_each_other()
    {
        var random = new Random(3);
        for (var i = 0; i < 2000; i++)
        {
            var client = new GeoLocation { Country = "DE", Point = new((random.NextDouble() * 180) - 90, (random.NextDouble() * 360) - 180) };
            foreach (var own in Three.All)
                if (Go(client, Three, own.Name, AssumedHealth.Instance, 100) is { } to)
                    Assert.Null(Go(client, Three, to, AssumedHealth.Instance, 100));
        }
    }

    [Fact]
    public void Nobody_is_sent_to_a_region_that_is_down_overloaded_or_has_no_address()
    {
        Assert.Null(Go(new() { Country = "DE" }, Table(EuWest with { PublicAddress = null }, UsEast), "us-east", AssumedHealth.Instance, 200));
        foreach (var health in new[] { RegionHealth.Down, RegionHealth.Overloaded })
            Assert.Null(Go(new() { Country = "CA" }, Three, "eu-west", new Health(("us-east", health)), 200));
    }

    [Fact]
    public void An_overloaded_region_keeps_its_own_clients_and_sends_others_home()
    {
        var health = new Health(("eu-west", RegionHealth.Overloaded));
        Assert.Null(Go(new() { Country = "DE" }, Three, "eu-west", health, 200));
        Assert.Equal("us-east", Go(new() { Country = "CA" }, Three, "eu-west", health, 200));
    }

    [Theory]
    [InlineData("bad:Latitude: is out of range", 91.0, 0.0)]
    [InlineData("bad:Longitude: is out of range", 0.0, -181.0)]
    public void Coordinates_out_of_range_are_told(string error, double latitude, double longitude) =>
        Assert.StartsWith(error, Errors(new Region("bad") { Point = new(latitude, longitude) }));

    [Fact]
    public void Every_mistake_of_a_region_is_told_with_its_key()
    {
        Assert.StartsWith("bad: says nowhere; write Latitude", Errors(new Region("bad")));
        Assert.StartsWith("bad:Countries: 'Germany' is neither", Errors(new Region("bad") { Countries = ["Germany"] }));
        Assert.StartsWith("bad:PublicAddress: 'https://a/b' is more", Errors(EuWest with { Name = "bad", PublicAddress = new("https://a/b") }));
        Assert.StartsWith("bad:PublicAddress: ", Errors(EuWest with { Name = "bad", PublicAddress = new("ftp://a") }));
        Assert.StartsWith("bad:Shield: there is no region 'x'", Errors(EuWest with { Name = "bad", Shield = "x" }));
        Assert.StartsWith("bad:Shield: its shields lead back", Errors(EuWest with { Name = "bad", Shield = "bad" }));
        Assert.Contains("a:Shield: its shields lead back", Errors(EuWest with { Name = "a", Shield = "b" }, EuWest with { Name = "b", Shield = "a" }));
    }

    [Fact]
    public void Distances_are_those_of_the_globe()
    {
        Assert.InRange(new GeoPoint(52.37, 4.9).DistanceTo(new(40.71, -74.0)), 5_840, 5_890); // Amsterdam, New York
        Assert.InRange(new GeoPoint(-17.7, 178).DistanceTo(new(-13.8, -171.8)), 1_100, 1_250); // across the date line
        Assert.Equal(0, new GeoPoint(10, 10).DistanceTo(new(10, 10)));
        Assert.InRange(new GeoPoint(90, 0).DistanceTo(new(-90, 0)), 20_000, 20_020);
    }

    private static string Order(in GeoLocation client) => Names(NearestRegions.Of(client, Three, CountryGroups.Default, AssumedHealth.Instance, null));

    private static string? Go(in GeoLocation client, RegionTable regions, string own, IRegionHealth health, double hysteresis)
    {
        var to = Steering.Elsewhere(NearestRegions.Of(client, regions, CountryGroups.Default, health, own), own, hysteresis, out var reason);
        Assert.NotEmpty(reason);
        return to?.Name;
    }

    private static string Names(IEnumerable<RegionChoice> choices) => string.Join(", ", choices.Select(choice => choice.Region.Name));

    private static RegionTable Table(params Region[] regions)
    {
        var errors = new List<string>();
        var table = RegionTable.Build(regions, CountryGroups.Default, errors);
        Assert.Empty(errors);
        return table;
    }

    private static string Errors(params Region[] regions)
    {
        var errors = new List<string>();
        RegionTable.Build(regions, CountryGroups.Default, errors);
        return string.Join('\n', errors);
    }

    private sealed class Health(params (string Region, RegionHealth Is)[] known) : IRegionHealth
    {
        public RegionHealth Of(string region) => known.FirstOrDefault(pair => pair.Region == region).Is;
    }
}
