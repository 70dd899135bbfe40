using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>P1 in real processes: after a purge is complete no read that begins later shows an older version, whatever breaks. The long form has its program in loadtests/fleet-floor.</summary>
[Collection(FleetCollection.Name)]
public class FloorTests
{
    /// <summary>F14: longer than any lease here, than any margin, and than what the others wait for.</summary>
    private static readonly TimeSpan Sleep = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task P1_no_read_goes_below_an_acknowledged_purge_while_edges_freeze_die_and_are_cut_off_and_the_log_forgets()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var fleet = await EdgeFleet.StartAsync(new FleetStart
        {
            Regions = ["ams", "nyc"],
            EdgesPerRegion = 2,
            BetweenRegions = TimeSpan.FromMilliseconds(5),
            // One region asks the origin, and its edges each other; one region asks the other.
            Shield = "ams",
            Environment = new Dictionary<string, string?> { ["DistCache__Regions__ams__Partition"] = "true" },
            Lease = TimeSpan.FromSeconds(2),
            Keys = 40,
            LogsOrigin = false,
        });
        var seed = Environment.TickCount;
        var report = await FloorRun.RunAsync(fleet, new FloorRunOptions { Seed = seed, During = TimeSpan.FromSeconds(LongForm.Asked ? 300 : 60), LongFreeze = Sleep });
        TestContext.Current.SendDiagnosticMessage("seed {0}: {1}", seed, report);
        Assert.True(report is { Violations.Count: 0, WrongBodies.Count: 0 }, $"seed {seed}: {report}");
        // Something was really tried: purges completed, pages were served from memory, and everything broke that can, the log's memory too.
        Assert.True(report is { Reads: > 10_000, Hits: > 1_000, Complete: > 60 }, $"seed {seed}: {report}");
        Assert.True(Enum.GetValues<FleetFault>().All(kind => report.Faults.Any(strike => strike.Fault == kind)), $"seed {seed}: not each kind of fault: {report.Kinds}");
        Assert.Contains(report.Faults, strike => strike.Fault == FleetFault.FreezeEdge && strike.Time.TotalSeconds > Sleep.TotalSeconds - 0.1);
    }

    [Fact]
    public async Task The_same_run_over_edges_that_know_nothing_of_each_other_is_caught()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var fleet = await EdgeFleet.StartAsync(new FleetStart { EdgesPerRegion = 2, Together = false, Shared = false, Keys = 8 });
        var report = await FloorRun.RunAsync(fleet, new FloorRunOptions { During = TimeSpan.FromSeconds(2), Faults = [] });
        Assert.NotEmpty(report.Violations);
        Assert.Contains(report.Violations, violation => violation.Breach == FloorBreach.BelowHardFloor);
        Assert.DoesNotContain(report.Violations, violation => violation.Breach == FloorBreach.FromTheFuture);
        Assert.Empty(report.WrongBodies);
    }
}
