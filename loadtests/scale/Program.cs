using System.Globalization;
using DistCache.LoadTests;
using DistCache.LoadTests.Scale;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var counts = args.Length == 0 ? [10_000, 100_000, 1_000_000] : args.Select(arg => int.TryParse(arg, out var count) && count > 0 ? count : 0).ToArray();
if (counts.Contains(0))
{
    Console.Error.WriteLine("usage: scale [COUNT...]     stored responses of 1 KiB; default 10000 100000 1000000");
    return 2;
}

// A process for each: what one leaves behind would count for the next.
if (counts.Length > 1)
{
    var table = new MarkdownTable("stored responses", "ns a hit", "ns a hot hit", "allocated by hits, B", "ns to read one", "allocated by reading, B each", "managed, B each", "body, B each", "RSS, B each", "counted, B each", "longest store, ms");
    foreach (var count in counts)
    {
        Console.Error.WriteLine($"{count:N0} …");
        table.Add(Tool.Run(Environment.ProcessPath!, count.ToString(CultureInfo.InvariantCulture)).Trim().Split('\t'));
    }
    Console.WriteLine($"{Cores.Machine}\n\n{table}");
    return 0;
}
var figure = Figure.Measure(counts[0]);
Console.WriteLine(string.Join('\t', $"{figure.Count:N0}", $"{figure.Nanoseconds:F0}", $"{figure.Hot:F0}", $"{figure.Allocated:N0}", $"{figure.Read:F0}", $"{figure.ReadAllocated:F0}", $"{figure.Managed:F0}", $"{figure.Native:F0}", $"{figure.Resident:F0}", $"{figure.Counted:F0}", $"{figure.WorstStore:F1}"));
return 0;
