using System.Text.Json;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>Health of regions is what their edges say by beating.</summary>
[Collection(FleetCollection.Name)]
public class RegionLostTests
{
    [Fact]
    public async Task A_region_whose_edges_are_silent_is_left_out_as_down_and_comes_back_with_them()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var fleet = await EdgeFleet.StartAsync(new FleetStart
        {
            Regions = ["ams", "nyc"],
            EdgesPerRegion = 1,
            Lease = TimeSpan.FromSeconds(2),
            Shared = false,
            Environment = new Dictionary<string, string?>
            {
                ["DistCache__Regions__ams__Countries"] = "NL",
                ["DistCache__Regions__nyc__Countries"] = "US",
                ["DistCache__Regions__sin__Countries"] = "SG",
            },
        });
        var (near, far) = (fleet["ams-1"], fleet["nyc-1"]);
        await UntilAsync("nyc", isLeftOut: false);
        await UntilAsync("sin", isLeftOut: true); // nobody has ever stood there
        far.Edge.Process.Send(Signal.Stop);
        try
        {
            await UntilAsync("nyc", isLeftOut: true);
            Assert.False((await RegionAsync("ams")).GetProperty("leftOut").GetBoolean());
        }
        finally
        {
            far.Edge.Process.Send(Signal.Continue);
        }
        await UntilAsync("nyc", isLeftOut: false);

        async Task UntilAsync(string region, bool isLeftOut)
        {
            var seen = default(JsonElement);
            await Eventually.TrueAsync(async () => (seen = await RegionAsync(region)).GetProperty("leftOut").GetBoolean() == isLeftOut, () => seen.ToString());
            Assert.Equal(isLeftOut, seen.GetProperty("reason").GetString()!.StartsWith("down; ", StringComparison.Ordinal));
        }

        async Task<JsonElement> RegionAsync(string region) => (await near.AdminAsync("/api/v1/steer?ip=203.0.113.1")).GetProperty("regions")
            .EnumerateArray().Single(one => one.GetProperty("name").GetString() == region);
    }
}
