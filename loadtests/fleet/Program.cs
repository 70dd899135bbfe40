using System.Globalization;
using DistCache.LoadTests;
using DistCache.LoadTests.Fleet;
using DistCache.TestKit;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (Options.Read(args) is not { } options)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

var time = TimeProvider.System;
var during = TimeSpan.FromSeconds(options.Seconds);
using var folder = new TemporaryFolder();
var database = Path.Combine(folder.Path, "places.mmdb");
Continent.WriteDatabase(database);
await using var fleet = await EdgeFleet.StartAsync(new FleetStart
{
    Regions = [.. Continent.All.Select(continent => continent.Region)],
    EdgesPerRegion = 2,
    BetweenRegions = TimeSpan.FromMilliseconds(25),
    Keys = options.Objects,
    Shield = options.Shield,
    Environment = Continent.Settings(database),
});
Console.Error.WriteLine($"{fleet.Nodes.Count} edges in {Continent.All.Count} regions, 25 ms one way, lease {fleet.Lease.TotalSeconds} s; {options.Rate} requests/s from each continent, {options.Purges} purges, {options.Seconds} s");

var visitors = Continent.All.Select((_, i) => new Visitors(fleet, i, new Zipf(options.Objects, 0.9, options.Seed + i), time)).ToArray();
var purges = new Purges(fleet, options.Objects, options.Seed, time);
using var enough = new CancellationTokenSource();
var before = fleet.Origin.Log.All.Count;
var fetched = new List<int>(); // requests at the origin, by the end of each second
foreach (var each in visitors)
    each.Begin();
var loads = visitors.Select(each => new Scenario(each.Continent.Name, _ => each.RequestAsync()).Inject(options.Rate, during)).ToArray();
var following = Task.WhenAll(visitors.Select(each => Task.Run(() => each.FollowAsync(enough.Token))));
var breaking = Mishap.RunAsync(Mishap.Of(fleet, during), time);
var purging = purges.RunAsync(options.Purges, during);
var counting = CountAsync();
await Task.WhenAll(loads.Select(load => Task.Run(() => load.RunAsync(connections: 64))));
await enough.CancelAsync();
await Task.WhenAll(following, breaking, purging, counting);

var mishaps = await breaking;
var answers = visitors.SelectMany(each => each.Answers).ToList();
var failures = visitors.SelectMany(each => each.Failures).ToList();
var violations = FloorChecker.Check([.. visitors.SelectMany(each => each.Reads)], [.. purges.Writes], [.. purges.Complete]);
var asked = fleet.Origin.Log.All.Skip(before).Where(request => VersionedPage.KeyOf(request.Target) is not null).ToList();
var fetches = Seconds(fleet.Origin.Log.All, fetched, before);

var report = Report.Write(options, fleet, visitors, loads, purges, mishaps, asked, failures, violations);
Console.WriteLine(report);
await File.WriteAllTextAsync($"{options.Out}.md", report);
await File.WriteAllTextAsync($"{options.Out}.svg", new Picture(options.Seconds, mishaps).Draw(answers, fetches, purges.Times));
foreach (var failure in failures.Take(5))
    Console.Error.WriteLine(failure);
foreach (var violation in violations.Take(5))
    Console.Error.WriteLine(violation);
foreach (var each in visitors)
    await each.DisposeAsync();
return failures.Count == 0 && violations.Count == 0 && purges.Times.All(purge => purge.Took is not null) ? 0 : 1;

async Task CountAsync()
{
    var start = time.GetTimestamp();
    for (var second = 1; !enough.IsCancellationRequested; second++)
    {
        var left = TimeSpan.FromSeconds(second) - time.GetElapsedTime(start);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, time, enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        fetched.Add(fleet.Origin.Log.All.Count);
        if (second % 10 == 0)
            Console.Error.WriteLine($"  {second,5} s: {visitors.Sum(each => each.Answers.Count):N0} answers, {visitors.Sum(each => each.Failures.Count)} failures, {purges.Complete.Count} purges complete");
    }
}

static List<(int Second, int Region)> Seconds(IReadOnlyList<OriginRequest> log, List<int> bySecond, int before)
{
    var seen = new List<(int, int)>();
    var second = 0;
    for (var i = before; i < log.Count; i++)
    {
        while (second < bySecond.Count && bySecond[second] <= i)
            second++;
        if (Report.RegionOf(log[i]) is >= 0 and var region)
            seen.Add((second, region));
    }
    return seen;
}
