using System.Globalization;
using System.Text.Json;
using DistCache.LoadTests;
using DistCache.LoadTests.Scale;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["figure", var given])
{
    Console.WriteLine(JsonSerializer.Serialize(Figure.Measure(int.Parse(given, CultureInfo.InvariantCulture))));
    return 0;
}
if (Options.Read(args) is not { } options)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

var figures = new List<Figure>();
foreach (var count in options.Counts)
{
    Console.Error.WriteLine($"{count:N0} …");
    // A process for each: what one leaves behind would count for the next.
    figures.Add(JsonSerializer.Deserialize<Figure>(Tool.Run(Environment.ProcessPath!, "figure", count.ToString(CultureInfo.InvariantCulture)))!);
}
var report = Report.Write(figures);
Console.WriteLine(report);
if (options.Out is { } folder)
{
    Directory.CreateDirectory(folder);
    File.WriteAllText(Path.Combine(folder, "scale.md"), report);
    File.WriteAllText(Path.Combine(folder, "scale.svg"), Report.Draw(figures));
}
return figures.SelectMany(Goals.Of).All(goal => goal.IsReached) ? 0 : 1;
