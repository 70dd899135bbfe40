using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>Three regions of two edges, real processes; two regions ask the third instead of the origin.</summary>
[Collection(FleetCollection.Name)]
public class ShieldTests(ShieldedFleet shielded) : IClassFixture<ShieldedFleet>
{
    [Fact]
    public async Task A_hundred_requests_for_a_cold_page_over_three_regions_cost_the_origin_one_and_so_they_do_after_a_purge()
    {
        var fleet = await shielded.ReadyAsync();
        var key = shielded.NewKey();
        await AskAllAsync(1);
        Assert.Single(fleet.Origin.Log.For(VersionedPage.TargetOf(key)));
        fleet.Origin.Bump(key);
        (await fleet["sin-2"].PurgeAsync(key)).MustBeComplete();
        await AskAllAsync(2);
        Assert.Equal(2, fleet.Origin.Log.For(VersionedPage.TargetOf(key)).Count);

        async Task AskAllAsync(long version)
        {
            var versions = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => fleet.Nodes[i % fleet.Nodes.Count].VersionAsync(key)));
            Assert.All(versions, seen => Assert.Equal(version, seen));
        }
    }

    [Fact]
    public async Task A_shield_that_dies_in_the_middle_of_a_page_is_a_cut_and_nobody_takes_a_part_for_a_whole()
    {
        var fleet = await shielded.ReadyAsync();
        var halfway = fleet.Origin.Halfway = new();
        var key = shielded.NewKey();
        await using var client = await fleet["nyc-1"].Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("GET", VersionedPage.TargetOf(key)));
        var shield = await ShieldOfAsync(fleet, key);
        var head = await client.ReadHeadAsync(); // and with it a part of the page
        await shield.Edge.KillAsync();
        var answer = await client.ReadBodyAsync(head);
        Assert.True(answer.WasCut, answer.ToString());
        halfway.Open();
        fleet.Origin.Halfway = null;
        if (LongForm.Asked)
            Assert.Equal(1, await fleet["nyc-1"].VersionAsync(key)); // after what the dead one was to bring to its region has been waited for
        await shield.Edge.RestartAsync();
    }

    [Fact]
    public async Task A_shield_that_dies_before_its_answer_is_replaced_by_another_one()
    {
        Assert.SkipUnless(LongForm.Asked, "The regional lease of the dead one takes its time.");
        var fleet = await shielded.ReadyAsync();
        var gate = fleet.Origin.Gate = new();
        var key = shielded.NewKey();
        var reading = fleet["nyc-1"].VersionAsync(key);
        var shield = await ShieldOfAsync(fleet, key);
        await shield.Edge.KillAsync();
        gate.Open();
        Assert.Equal(1, await reading);
        fleet.Origin.Gate = null;
        await shield.Edge.RestartAsync();
    }

    [Fact]
    public async Task A_region_whose_shield_is_lost_goes_to_the_origin_and_back_to_the_shield_when_that_is_there_again()
    {
        var fleet = await shielded.ReadyAsync();
        var (edge, shields) = (fleet["sin-1"], new[] { fleet["ams-1"], fleet["ams-2"] });
        Assert.StartsWith("ams-", await SourceAsync());
        foreach (var shield in shields)
            Lose(shield.Askers!);
        var lost = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SourceAsync()));
        Assert.All(lost, source => Assert.Equal("sin-1", source));
        foreach (var shield in shields)
            shield.Mend();
        await Eventually.TrueAsync(async () => (await SourceAsync()).StartsWith("ams-", StringComparison.Ordinal));
        Assert.Contains(await edge.Edge.MetricsAsync(), line => line.StartsWith("distcache_shield_fallbacks_total{", StringComparison.Ordinal) && line.Contains("region=\"ams\"", StringComparison.Ordinal));
        Assert.Contains("The shield region ams gives no answer", edge.Edge.Process.Output, StringComparison.Ordinal);

        // Who is named first in Cache-Status is nearest to the origin.
        async Task<string> SourceAsync() => (await edge.ReadAsync(shielded.NewKey())) is { Status: 200 } answer ? answer.Field("Cache-Status")!.Split(';')[0] : "none";
    }

    /// <summary>Nothing comes back; in the short form everybody is told so.</summary>
    private static void Lose(FaultProxy way)
    {
        if (LongForm.Asked)
            way.Faults = new LinkFaults { State = LinkState.Stalled };
        else
            way.Cut();
    }

    /// <summary>Which node the origin was asked by, once it was.</summary>
    private static async Task<FleetNode> ShieldOfAsync(EdgeFleet fleet, int key)
    {
        var request = (await fleet.Origin.Log.WaitForAsync(VersionedPage.TargetOf(key), 1))[0];
        return fleet[request.Field("Via")!.Split(' ')[^1]];
    }
}
