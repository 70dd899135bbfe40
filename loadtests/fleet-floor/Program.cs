using System.Diagnostics;
using System.Globalization;
using DistCache.LoadTests.FleetFloor;
using DistCache.TestKit;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (Options.Read(args) is not { } options)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

var sleep = TimeSpan.FromSeconds(30);
string[] regions = ["ams", "nyc", "sin", "gru", "syd", "jnb"];
await using var fleet = await EdgeFleet.StartAsync(new FleetStart
{
    Regions = regions[..options.Regions],
    EdgesPerRegion = options.Edges,
    Shield = options.Shield ? regions[0] : null, // all others ask it instead of the origin
    BetweenRegions = TimeSpan.FromMilliseconds(options.OneWayMilliseconds),
    Lease = TimeSpan.FromSeconds(options.LeaseSeconds),
    Keys = 64,
    LogsOrigin = false,
});
Console.Error.WriteLine($"{fleet.Nodes.Count} edges in {options.Regions} regions, {options.OneWayMilliseconds} ms one way, lease {options.LeaseSeconds} s, seed {options.Seed}");
var start = Stopwatch.GetTimestamp();
var report = await FloorRun.RunAsync(fleet, new FloorRunOptions
{
    Seed = options.Seed,
    During = TimeSpan.FromSeconds(10),
    Reads = options.Reads,
    FaultLeases = 6, // up to 30 s with a lease of 5 s
    LongFreeze = options.Faults ? sleep : TimeSpan.Zero,
    Faults = options.Faults ? Enum.GetValues<FleetFault>() : [],
    Progress = (reads, purges, faults) => Console.Error.WriteLine($"  {Stopwatch.GetElapsedTime(start).TotalSeconds,5:F0} s: {reads:N0} reads, {purges:N0} purges complete, {faults} faults"),
});
var isSound = report is { Violations.Count: 0, WrongBodies.Count: 0 };
var isWhole = !options.Faults || (Enum.GetValues<FleetFault>().All(kind => report.Faults.Any(strike => strike.Fault == kind)) && report.Faults.Any(strike => strike.Fault == FleetFault.FreezeEdge && strike.Time.TotalSeconds > sleep.TotalSeconds - 0.1));
Console.WriteLine($"""
    | fleet-floor | |
    |---|---|
    | edges, regions, one way, lease | {fleet.Nodes.Count}, {options.Regions}, {options.OneWayMilliseconds} ms, {options.LeaseSeconds} s |
    | seed, time | {options.Seed}, {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s |
    | reads checked (hits, stale) | {report.Reads:N0} ({report.Hits:N0}, {report.Stale:N0}) |
    | not answered with a page | {report.Unanswered:N0} |
    | purges complete, pending or unknown | {report.Complete:N0}, {report.Pending:N0} |
    | faults | {report.Faults.Count}: {report.Kinds} |
    | below an acknowledged purge | {report.Violations.Count} in {report.Reads:N0} |
    | wrong bodies | {report.WrongBodies.Count} |
    """);
if (!isSound || !isWhole)
    Console.Error.WriteLine(report);
if (!isWhole)
    Console.Error.WriteLine($"Not each kind of fault has happened, or no edge slept for {sleep.TotalSeconds:F0} s.");
return isSound && isWhole ? 0 : 1;
