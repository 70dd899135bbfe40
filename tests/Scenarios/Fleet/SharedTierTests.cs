using System.Globalization;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>P7: what one edge of a region has fetched, the others need not.</summary>
[Collection(FleetCollection.Name)]
public class SharedTierTests(PatientRegion region) : IClassFixture<PatientRegion>
{
    private const int ClientsPerEdge = 40;
    private const int Rounds = 4;

    [Fact]
    public async Task P7_a_crowd_on_three_edges_costs_the_origin_one_request()
    {
        var fleet = await region.ReadyAsync();
        for (var round = 0; round < Rounds; round++)
            Assert.Equal(1, await CrowdAsync(fleet));
    }

    [Fact]
    public async Task P7_and_one_more_when_the_edge_that_asked_for_all_of_them_dies()
    {
        var fleet = await region.ReadyAsync();
        var key = region.NewKey();
        var gate = fleet.Origin.Gate = new();
        var crowd = fleet.Nodes.ToDictionary(node => node, node => Enumerable.Range(0, ClientsPerEdge).Select(_ => Task.Run(() => node.ReadAsync(key))).ToArray());
        await gate.Reached;
        var asked = Assert.Single(await fleet.Origin.Log.WaitForAsync(VersionedPage.TargetOf(key), 1));
        var holder = fleet[asked.Field("Via")!.Split(' ')[^1]];
        await holder.Edge.KillAsync();
        fleet.Origin.Gate = null;
        gate.Open();
        try
        {
            foreach (var answer in await Task.WhenAll(crowd.Where(one => one.Key != holder).SelectMany(one => one.Value)))
                Assert.Equal(1, Pages.VersionOf(answer, key));
            foreach (var lost in crowd[holder])
                await Assert.ThrowsAnyAsync<Exception>(() => lost);
            Assert.Equal(2, fleet.Origin.Log.For(VersionedPage.TargetOf(key)).Count);
        }
        finally
        {
            await holder.Edge.RestartAsync();
        }
    }

    [Fact]
    public async Task The_second_edge_serves_what_the_first_has_fetched_and_its_age_goes_on()
    {
        var fleet = await region.ReadyAsync();
        var key = region.NewKey();
        var first = await fleet["ams-1"].ReadAsync(key);
        Assert.Equal("0", first.Field("Age") ?? "0");
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken); // what is measured
        var second = await fleet["ams-2"].ReadAsync(key);
        Assert.Equal(1, Pages.VersionOf(second, key));
        Assert.Single(fleet.Origin.Log.For(VersionedPage.TargetOf(key)));
        Assert.InRange(int.Parse(second.Field("Age") ?? "0", CultureInfo.InvariantCulture), 2, 10);
        var third = await fleet["ams-2"].ReadAsync(key); // promoted
        Assert.True(third.IsHit(), third.Field("Cache-Status"));
        Assert.Single(fleet.Origin.Log.For(VersionedPage.TargetOf(key)));
    }

    [Fact]
    public async Task A_purge_reaches_what_lies_in_the_shared_tier()
    {
        var fleet = await region.ReadyAsync();
        var key = region.NewKey();
        await fleet["ams-1"].VersionAsync(key);
        fleet.Origin.Bump(key);
        (await fleet["ams-2"].PurgeAsync(key)).MustBeComplete();
        foreach (var node in fleet.Nodes.Reverse()) // the one that has never had it first
            Assert.Equal(2, await node.VersionAsync(key));
        Assert.Equal(2, fleet.Origin.Log.For(VersionedPage.TargetOf(key)).Count);
    }

    [Fact]
    public async Task An_edge_that_was_killed_comes_back_warm()
    {
        var fleet = await region.ReadyAsync();
        var keys = Enumerable.Range(0, 20).Select(_ => region.NewKey()).ToArray();
        var written = await fleet["ams-3"].SharedWritesAsync();
        foreach (var key in keys)
            await fleet["ams-3"].VersionAsync(key);
        await Eventually.TrueAsync(async () => await fleet["ams-3"].SharedWritesAsync() >= written + keys.Length); // what was not written is lost with it
        await fleet["ams-3"].Edge.KillAsync();
        await fleet["ams-3"].Edge.RestartAsync();
        // Until it has its lease it asks the origin for all: what others have stored is as suspect as what it has itself. It need not wait for one as long
        // as the log's server is the same and alone, and the others are heard (rule 7).
        var ready = TimeProvider.System.GetTimestamp();
        await fleet.WaitUntilServingAsync();
        Assert.InRange(TimeProvider.System.GetElapsedTime(ready), TimeSpan.Zero, fleet.Lease);
        var (before, asked) = (fleet.Origin.Fetches, fleet.Origin.Validations);
        foreach (var key in keys)
            Assert.Equal(1, await fleet["ams-3"].VersionAsync(key));
        Assert.Equal((before, asked), (fleet.Origin.Fetches, fleet.Origin.Validations));
    }

    /// <returns>Requests that the origin got.</returns>
    private async Task<int> CrowdAsync(EdgeFleet fleet)
    {
        var key = region.NewKey();
        var gate = new Gate();
        fleet.Origin.Gate = gate;
        var crowd = fleet.Nodes.SelectMany(node => Enumerable.Range(0, ClientsPerEdge).Select(_ => Task.Run(() => node.ReadAsync(key)))).ToArray();
        await gate.Reached;
        await Task.Delay(300, TestContext.Current.CancellationToken); // time for a second fetch to come, if there is one
        fleet.Origin.Gate = null;
        gate.Open();
        foreach (var answer in await Task.WhenAll(crowd))
            Assert.Equal(1, Pages.VersionOf(answer, key));
        return fleet.Origin.Log.For(VersionedPage.TargetOf(key)).Count;
    }
}
