using System.Globalization;
using DistCache.LoadTests;
using DistCache.LoadTests.Consistency;
using DistCache.TestKit;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (Options.Read(args) is not { } options)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

Cores.PinSelf();
await using var origin = VersionedOrigin.Start(keys: 1, logs: false);
await using var redis = await RedisProcess.StartAsync(new RedisStart { AppendOnly = true });
await using var far = FaultProxy.Start(redis.Port);
far.Faults = LinkFaults.Delayed(options.OneWay);
await using var alone = await MeasuredEdge.StartAsync("none: the edge is alone", origin.Port, redis: null, "eventual");
await using var near = await MeasuredEdge.StartAsync("loopback", origin.Port, redis.ConnectionString, "eventual", "bounded", "strong");
await using var away = await MeasuredEdge.StartAsync($"{options.OneWay} ms one way", origin.Port, redis.ConnectionStringAt(far.Port), "eventual", "bounded", "strong");

var figures = new List<Figure>();
for (var round = 0; round < options.Rounds; round++)
    foreach (var edge in (MeasuredEdge[])[alone, near, away])
        foreach (var consistency in edge.Consistencies)
            figures.Add(await edge.MeasureAsync(consistency, options, isFirst: round == 0));

var medians = figures.GroupBy(figure => (figure.Log, figure.Consistency)).Select(rounds => Figure.Median([.. rounds])).ToArray();
var measure = medians.Single(figure => (figure.Log, figure.Consistency) == (near.Log, "eventual"));
var table = new MarkdownTable("purge log", "consistency", "hits per CPU second", "× eventual", "hits/s, 64 connections", "p50 ms", "p99 ms");
foreach (var figure in medians)
    table.Add(figure.Log, figure.Consistency, $"{figure.PerCpuSecond:N0}", $"{figure.PerCpuSecond / measure.PerCpuSecond:F2}", $"{figure.Rate:N0}", $"{figure.Half:F2}", $"{figure.NearlyAll:F2}");
Console.WriteLine($"{Cores.Machine}; medians of {options.Rounds} rounds of {options.Seconds} s; p50 and p99 of hits one after the other on one connection");
Console.WriteLine();
Console.WriteLine(table);
return 0;
