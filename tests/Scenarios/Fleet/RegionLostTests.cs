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
        await using var fleet = await StartAsync();
        var (near, far) = (fleet["ams-1"], fleet["nyc-1"]);
        await UntilAsync(near, "nyc", leftOutAs: null);
        await UntilAsync(near, "sin", leftOutAs: "down"); // nobody has ever stood there
        far.Edge.Process.Send(Signal.Stop);
        try
        {
            await UntilAsync(near, "nyc", leftOutAs: "down");
            await UntilAsync(near, "ams", leftOutAs: null);
        }
        finally
        {
            far.Edge.Process.Send(Signal.Continue);
        }
        await UntilAsync(near, "nyc", leftOutAs: null);
    }

    [Fact]
    public async Task A_region_whose_edges_have_all_the_fills_that_they_may_have_is_left_out_as_overloaded_until_they_have_not()
    {
        await using var fleet = await StartAsync();
        var (near, far) = (fleet["ams-1"], fleet["nyc-1"]);
        await UntilAsync(near, "nyc", leftOutAs: null);
        await UntilAsync(far, "nyc", leftOutAs: null);
        var gate = fleet.Origin.Gate = new Gate();
        var answers = Enumerable.Range(1, MostFills).Select(far.ReadAsync).ToArray();
        await UntilAsync(near, "nyc", leftOutAs: "overloaded");
        var nodes = (await near.AdminAsync("/api/v1/nodes")).GetProperty("nodes").EnumerateArray().ToDictionary(node => node.GetProperty("id").GetString()!, node => node.GetProperty("load").GetDouble());
        Assert.InRange(nodes["nyc-1"], 0.9, 1);
        Assert.InRange(nodes["ams-1"], 0, 0.5);
        _ = await RegionAsync(far, "nyc"); // it still answers
        gate.Open();
        foreach (var answer in answers)
            Assert.Equal(200, (await answer).Status);
        await UntilAsync(near, "nyc", leftOutAs: null);
    }

    private const int MostFills = 10;

    private static Task<EdgeFleet> StartAsync()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        return EdgeFleet.StartAsync(new FleetStart
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
                ["DistCache__Origin__MaxFills"] = $"{MostFills}",
            },
        });
    }

    /// <param name="leftOutAs">Null: it is not.</param>
    private static async Task UntilAsync(FleetNode asked, string region, string? leftOutAs)
    {
        var seen = default(JsonElement);
        await Eventually.TrueAsync(async () => (seen = await RegionAsync(asked, region)).GetProperty("leftOut").GetBoolean() == leftOutAs is not null, () => seen.ToString());
        if (leftOutAs is not null)
            Assert.StartsWith($"{leftOutAs}; ", seen.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> RegionAsync(FleetNode asked, string region)
    {
        var answer = await asked.AdminAsync("/api/v1/steer?ip=203.0.113.1");
        Assert.True(answer.TryGetProperty("regions", out var regions), answer.ToString());
        return regions.EnumerateArray().Single(one => one.GetProperty("name").GetString() == region);
    }
}
