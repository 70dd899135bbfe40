using System.Globalization;
using System.Text.Json;
using DistCache.LoadTests.HitRatio;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var files = args.Where(arg => !arg.StartsWith("--", StringComparison.Ordinal)).ToArray();
var asJson = args.Contains("--json");
var plot = args.FirstOrDefault(arg => arg.StartsWith("--svg=", StringComparison.Ordinal))?["--svg=".Length..] ?? "hit-ratio.svg";
var unknown = args.Where(arg => arg.StartsWith("--", StringComparison.Ordinal) && arg != "--json" && !arg.StartsWith("--svg=", StringComparison.Ordinal)).ToArray();
if (files.Length == 0 || unknown.Length > 0)
{
    Console.Error.WriteLine("usage: hit-ratio FILE... [--json] [--svg=FILE]     FILE: lines time,id,size, gzip (.gz) or plain");
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
if (asJson)
    Console.WriteLine(JsonSerializer.Serialize(misses, JsonSerializerOptions.Web));
Console.Error.WriteLine($"plot: {plot}");
return 0;
