using DistCache.Proxy.Tests.Kit;

namespace DistCache.Proxy.Tests.Hops;

public sealed class HopCheckTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData(null, "us", null, "DistCache:Regions:us:Shield: needs DistCache:Fleet:Secret, by which nodes know each other; write what openssl rand -hex 32 gives, on every node the same.")]
    [InlineData("short", "us", null, "DistCache:Fleet:Secret: is shorter than 32 characters; take what openssl rand -hex 32 gives, on every node the same.")]
    [InlineData(Secret, "eu", null, "DistCache:Node:DataAddress: is missing, and this node's region is the shield of us; write the URL by which that region's nodes reach a data port of this one, as http://10.0.0.5:8080.")]
    public async Task What_is_missing_is_named_with_its_remedy(string? secret, string region, string? address, string expected)
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => EdgeInProcess.StartAsync(more: Settings(secret, region, address)));
        Assert.Equal(expected, error.Message);
    }

    [Fact]
    public async Task A_region_that_is_partitioned_needs_the_same()
    {
        var settings = Settings(null, "us", null);
        (settings["DistCache:Regions:us:Shield"], settings["DistCache:Regions:us:Partition"]) = (null, "true");
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => EdgeInProcess.StartAsync(more: settings));
        Assert.Equal(
            ["DistCache:Regions:us:Partition: needs DistCache:Fleet:Secret", "DistCache:Node:DataAddress: is missing, and this node's region is partitioned"],
            error.Message.Split(Environment.NewLine).Select(line => line.Split(", by", 2)[0].Split("; write", 2)[0]));
    }

    [Theory]
    [InlineData("us", null)]
    [InlineData("eu", "http://10.0.0.5:8080")]
    public async Task What_is_whole_is_taken(string region, string? address)
    {
        await using var edge = await EdgeInProcess.StartAsync(more: Settings(Secret, region, address));
    }

    private static Dictionary<string, string?> Settings(string? secret, string region, string? address) => new()
    {
        ["DistCache:Node:Region"] = region,
        ["DistCache:Node:DataAddress"] = address,
        ["DistCache:Fleet:Secret"] = secret,
        ["DistCache:Regions:eu:Countries"] = "EU",
        ["DistCache:Regions:us:Countries"] = "US",
        ["DistCache:Regions:us:Shield"] = "eu",
    };
}
