using DistCache.Edge.Node;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.Node;

public sealed class NodeOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, null, "web-7.example", "web-7.example", "local")]
    [InlineData(null, null, "Web 7 (blue)", "web7blue", "local")]
    [InlineData(null, null, "\u00fc", "edge", "local")]
    [InlineData("ams-1", "eu_west.1", "ignored", "ams-1", "eu_west.1")]
    public void Names_and_their_defaults(string? id, string? region, string machine, string expectedId, string expectedRegion)
    {
        var configuration = Reading.Of(_folder, (NodeOptions.IdKey, id), (NodeOptions.RegionKey, region));
        Assert.Equal(new NodeOptions(expectedId, expectedRegion), NodeOptions.Read(configuration.Settings, machine));
        Assert.Empty(configuration.Complaints);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("z\u00fcrich-1")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    public void A_name_that_a_URL_or_a_key_could_not_carry_is_refused(string name)
    {
        var configuration = Reading.Of(_folder, (NodeOptions.IdKey, name), (NodeOptions.RegionKey, name));
        NodeOptions.Read(configuration.Settings, "machine");
        Assert.Equal([NodeOptions.IdKey, NodeOptions.RegionKey], configuration.Complaints.Select(complaint => complaint.Where));
    }

    [Theory]
    [InlineData("http://10.0.0.5:8080", true)]
    [InlineData("https://eu-1.example/", true)]
    [InlineData("10.0.0.5:8080", false)]
    [InlineData("http://10.0.0.5:8080/path", false)]
    public void A_data_port_is_told_by_scheme_host_and_port(string written, bool isGood)
    {
        var configuration = Reading.Of(_folder, (NodeOptions.DataAddressKey, written));
        var address = NodeOptions.Read(configuration.Settings, "machine").DataAddress;
        if (isGood)
            Assert.Equal(written.TrimEnd('/'), address);
        else
            Assert.Equal($"DistCache:Node:DataAddress: '{written}' is not the URL of a data port. Write scheme, host and port, as in http://10.0.0.5:8080.", Assert.Single(configuration.Complaints).ToString());
    }

    [Theory]
    [InlineData(null, 30)]
    [InlineData("0s", 0)]
    [InlineData("00:05:00", 300)]
    [InlineData("1h", 3600)]
    public void Drain_time_is_half_a_minute_or_what_is_written(string? written, int seconds)
    {
        var configuration = Reading.Of(_folder, (NodeOptions.DrainTimeKey, written));
        Assert.Equal(TimeSpan.FromSeconds(seconds), NodeOptions.Read(configuration.Settings, "machine").DrainTime);
        Assert.Empty(configuration.Complaints);
    }

    [Theory]
    [InlineData("2h")]
    [InlineData("30")]
    [InlineData("-1s")]
    public void A_drain_time_that_cannot_be_is_told(string written)
    {
        var configuration = Reading.Of(_folder, (NodeOptions.DrainTimeKey, written));
        NodeOptions.Read(configuration.Settings, "machine");
        Assert.Equal($"DistCache:Node:DrainTime: '{written}' is no duration from 0s to 1h. Write 500ms, 30s, 5m or 00:05:00.", Assert.Single(configuration.Complaints).ToString());
    }
}
