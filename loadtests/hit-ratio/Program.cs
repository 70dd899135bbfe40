using System.Globalization;
using System.Text.Json;
using DistCache.LoadTests.HitRatio;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var files = args.Where(arg => !arg.StartsWith("--", StringComparison.Ordinal)).ToArray();
var asJson = args.Contains("--json");
var plot = args.FirstOrDefault(arg => arg.StartsWith("--svg=", StringComparison.Ordinal))?["--svg=".Length..] ?? "hit-ratio.svg";
var isUnderstood = Goal.TryRead(args.FirstOrDefault(arg => arg.StartsWith("--goals=", StringComparison.Ordinal))?["--goals=".Length..], out var goals);
var unknown = args.Where(arg => arg.StartsWith("--", StringComparison.Ordinal) && arg != "--json" && !arg.StartsWith("--svg=", StringComparison.Ordinal) && !arg.StartsWith("--goals=", StringComparison.Ordinal)).ToArray();
if (files.Length == 0 || unknown.Length > 0 || !isUnderstood)
{
    Console.Error.WriteLine("usage: hit-ratio FILE... [--json] [--svg=FILE] [--goals=0.225,0.105]     FILE: lines time,id,size, gzip (.gz) or plain");
    Console.Error.WriteLine("--goals: of the objects asked for, the tier may miss so many at 1 % and at 10 % of the footprint, in every FILE");
    return 2;
}
foreach (var missing in files.Where(file => !File.Exists(file)))
{
    Console.Error.WriteLine($"{missing}: no such file");
    return 2;
}

double[] shares = [0.001, 0.01, 0.1];
var misses = new List<Miss>();
if (!asJson)
    Console.WriteLine($"{"trace",-20} {"cache",6} {"policy",-16} {"objects",8} {"bytes",8} {"ns/request",11}");
foreach (var file in files)
    foreach (var miss in new Replay(Trace.Read(file), shares).Run())
    {
        misses.Add(miss);
        if (!asJson)
            Console.WriteLine($"{miss.Trace,-20} {miss.Share * 100,5:G3}% {miss.Policy,-16} {miss.Objects,8:F4} {miss.Bytes,8:F4} {miss.NanosecondsPerRequest,11:F0}");
    }
File.WriteAllText(plot, Plot.Draw(misses));
var judged = goals.SelectMany(goal => goal.Judge(misses)).ToArray();
if (asJson)
    Console.WriteLine(JsonSerializer.Serialize(new { misses, goals = judged }, JsonSerializerOptions.Web));
else
    foreach (var goal in judged)
        Console.WriteLine($"{goal.Trace,-20} {goal.Share * 100,5:G3}% goal {goal.Most}, missed {goal.Missed:F4}: {(goal.IsReached ? "reached" : "not reached")}");
Console.Error.WriteLine($"plot: {plot}");
return judged.All(goal => goal.IsReached) ? 0 : 1;
