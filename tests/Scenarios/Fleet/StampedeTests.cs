using System.Diagnostics;
using DistCache.Scenarios.Faults;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>F23, L9: when nothing that is held may be served as it is, the origin is not run over.</summary>
[Collection(FleetCollection.Name)]
public class StampedeTests(CappedRegion region) : IClassFixture<CappedRegion>
{
    private const int Clients = 100;
    private const int FewPages = 4;
    private const int ManyPages = 200;
    private static readonly TimeSpan OriginTakes = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Recovered = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Fenced, a node answers from an exchange that began after the request came: per page one under way, and one for all who came meanwhile (rule 6). It
    /// asks for itself alone, without the region's lease, for that stands in a store that nobody hears (rule 19): so it is two of each node, and not of the
    /// region as after a repair or a flush (rule 23).
    /// </summary>
    [Fact]
    public async Task F23_beyond_the_lease_validations_are_collapsed_and_the_origin_has_no_more_at_a_time_than_its_cap()
    {
        var fleet = await region.ReadyAsync();
        var pages = await WarmAsync(fleet, FewPages);
        fleet.Origin.Takes = OriginTakes;
        fleet.Log.Freeze();
        fleet.Shared.Values.Single().Freeze();
        try
        {
            foreach (var node in fleet.Nodes)
                await Eventually.TrueAsync(async () => (await node.ReadAsync(pages[0])).Status == 200 && !(await node.ReadAsync(pages[0])).IsHit()); // what it has just fetched
            fleet.Origin.Load.Reset();
            var (fetches, validations) = (fleet.Origin.Fetches, fleet.Origin.Validations);
            await using var load = Load(fleet, pages, isGood: answer => answer is { Status: 200, EndedCleanly: true } && !answer.IsHit());
            await load.MoreAsync(20 * Clients);
            await load.StopAsync();
            Assert.Empty(load.Failures);
            var seen = $"{load.Answered} answers, {fleet.Origin.Validations - validations} validations, {fleet.Origin.Load}";
            TestContext.Current.SendDiagnosticMessage("{0}", seen);
            Assert.True(fleet.Origin.Load.MostOfPage <= 2, seen);
            Assert.True(fleet.Origin.Load.MostOfNode <= CappedRegion.MostOfEdge, seen);
            // It is the cap that held, and not that nobody wanted more: all nodes came up to it. And the bodies were not sent again.
            Assert.True(fleet.Origin.Load.Most > 2 * CappedRegion.MostOfEdge && FewPages * 2 > CappedRegion.MostOfEdge, seen);
            Assert.Equal(fetches, fleet.Origin.Fetches);
            // Each one serves whoever waited for it.
            Assert.True(fleet.Origin.Validations - validations < load.Answered / 2, seen);
        }
        finally
        {
            fleet.Origin.Takes = TimeSpan.Zero;
            fleet.Log.Thaw();
            fleet.Shared.Values.Single().Thaw();
        }
    }

    [Fact]
    public async Task F23_a_flushed_shared_tier_and_a_purge_of_everything_at_full_load_cost_one_fetch_of_each_page_and_the_hits_come_back()
    {
        var fleet = await region.ReadyAsync();
        var pages = await WarmAsync(fleet, ManyPages);
        fleet.Origin.Takes = OriginTakes;
        try
        {
            var hits = 0;
            await using var load = Load(fleet, pages, answer =>
            {
                Interlocked.Add(ref hits, answer.IsHit() ? 1 : 0);
                return answer is { Status: 200, EndedCleanly: true };
            });
            Assert.True(await HitsAsync() > 0.99);
            fleet.Origin.Load.Reset();
            Assert.Equal("OK", await fleet.Shared.Values.Single().CommandAsync("FLUSHALL"));
            var start = Stopwatch.GetTimestamp();
            var purge = fleet.Nodes[0].PurgeAsync(new { everything = true, confirm = true, wait = "all", timeout = "30s" });
            while (await HitsAsync() is < 0.99 || !purge.IsCompleted || fleet.Origin.Log.For(VersionedPage.TargetOf(pages[0])).Count < 2)
                Assert.True(Stopwatch.GetElapsedTime(start) < Recovered, $"hits are not back after {Recovered}: {load.Answered} answers, {fleet.Origin.Load}");
            var seen = $"hits are back after {Stopwatch.GetElapsedTime(start)}: {load.Answered} answers, {fleet.Origin.Load}";
            TestContext.Current.SendDiagnosticMessage("{0}", seen);
            (await purge).MustBeComplete();
            await load.StopAsync();
            Assert.Empty(load.Failures);
            // One to warm it, one for all three edges.
            Assert.All(pages, page => Assert.InRange(fleet.Origin.Log.For(VersionedPage.TargetOf(page)).Count, 1, 2));
            Assert.True(pages.Count(page => fleet.Origin.Log.For(VersionedPage.TargetOf(page)).Count == 2) > ManyPages / 2, seen);
            Assert.True(fleet.Origin.Load.MostOfNode <= CappedRegion.MostOfEdge, seen);

            async Task<double> HitsAsync()
            {
                var (answered, before) = (load.Answered, Volatile.Read(ref hits));
                await load.MoreAsync(5 * Clients);
                return (double)(Volatile.Read(ref hits) - before) / (load.Answered - answered);
            }
        }
        finally
        {
            fleet.Origin.Takes = TimeSpan.Zero;
        }
    }

    /// <returns>Pages that each edge has in its memory, and the region in its shared tier.</returns>
    private async Task<int[]> WarmAsync(EdgeFleet fleet, int count)
    {
        var pages = Enumerable.Range(0, count).Select(_ => region.NewKey()).ToArray();
        foreach (var node in fleet.Nodes)
        {
            await using var client = await node.Edge.ConnectAsync();
            foreach (var page in pages)
                Assert.Equal(1, Pages.VersionOf(await client.GetAsync(VersionedPage.TargetOf(page)), page));
        }
        Assert.All(pages, page => Assert.Single(fleet.Origin.Log.For(VersionedPage.TargetOf(page))));
        return pages;
    }

    private static SteadyLoad Load(EdgeFleet fleet, int[] pages, Func<RawAnswer, bool> isGood)
    {
        var next = 0;
        return new(
            Clients,
            () => fleet.Nodes[Interlocked.Increment(ref next) % fleet.Nodes.Count].Edge.ConnectAsync(),
            (client, i) => VersionedPage.TargetOf(pages[((client * 31) + (i * 17)) % pages.Length]),
            isGood);
    }
}
