using System.Globalization;
using System.Text;

namespace DistCache.LoadTests.Hits;

/// <summary>Medians over rounds, and of ratios within each round: what disturbs one server of a round disturbs the other.</summary>
internal static class Report
{
    /// <summary>CPU a request against nginx (issue 5).</summary>
    private static readonly Dictionary<string, double> Goals = new()
    {
        ["1 KiB hot"] = 0.85, ["1 KiB, 20,000 URLs"] = 0.65, ["32 KiB"] = 1.0, ["1 MiB"] = 1.3, ["1 KiB TLS HTTP/2"] = 1.2,
    };

    public static string Write(IReadOnlyList<Figure> figures, IReadOnlyList<(string Title, IReadOnlyList<Scenario> Scenarios)> open, IEnumerable<string> skipped, Options options)
    {
        var text = new StringBuilder();
        text.AppendLine($"# Hits, {DateTime.UtcNow:yyyy-MM-dd}");
        text.AppendLine();
        text.AppendLine($"{Cores.Machine}; server on one core, load on another. {options.Rounds} rounds of {options.Seconds} s after {options.Warm} s of warm-up, medians. wrk -t1 -c64, h2load -t1 -c8 -m8.");
        text.AppendLine("× : against that server in the same round. A core well under 100 %: the client was the limit, read only the CPU.");
        foreach (var name in skipped)
            text.AppendLine($"Not measured: {name}.");
        foreach (var test in figures.GroupBy(figure => figure.Case))
        {
            text.AppendLine().AppendLine($"## {test.Key}{(Goals.TryGetValue(test.Key, out var goal) ? string.Create(CultureInfo.InvariantCulture, $" (goal: CPU × nginx {goal})") : "")}").AppendLine();
            var table = new MarkdownTable("server", "CPU µs/request", "× nginx", "× bare Kestrel", "requests/s", "× bare Kestrel", "core", "RSS MiB");
            foreach (var server in test.GroupBy(figure => figure.Server))
                table.Add(
                    server.Key, Text(Median(server.Select(figure => figure.CpuMicroseconds)), "F1"),
                    Ratio(test, server, "nginx", figure => figure.CpuMicroseconds), Ratio(test, server, "bare-kestrel", figure => figure.CpuMicroseconds),
                    Text(Median(server.Select(figure => figure.Rate)), "N0"), Ratio(test, server, "bare-kestrel", figure => figure.Rate),
                    Text(Median(server.Select(figure => figure.Core)), "P0"), Text(Median(server.Select(figure => (double)figure.ResidentBytes)) / (1 << 20), "N0"));
            text.Append(table);
        }
        foreach (var (title, scenarios) in open)
        {
            text.AppendLine().AppendLine($"## {title}").AppendLine();
            var table = new MarkdownTable("server", "p50 ms", "p99 ms", "p99.9 ms", "answers");
            foreach (var server in scenarios.GroupBy(scenario => scenario.Name))
                table.Add(server.Key, Percentile(server, 50), Percentile(server, 99), Percentile(server, 99.9), server.Sum(scenario => scenario.Count).ToString("N0", CultureInfo.InvariantCulture));
            text.Append(table);
        }
        return text.ToString();
    }

    public static string Draw(IReadOnlyList<Figure> figures) => BarChart.Draw("CPU for a hit", "µs a request, median", [.. figures.GroupBy(figure => figure.Case).Select(test =>
        (test.Key, (IReadOnlyList<(string, double)>)[.. test.GroupBy(figure => figure.Server).Select(server => (server.Key, Median(server.Select(figure => figure.CpuMicroseconds))))]))]);

    private static string Percentile(IEnumerable<Scenario> rounds, double percentile) => Text(Median(rounds.Select(scenario => scenario.Percentile(percentile))), "F2");

    private static string Ratio(IEnumerable<Figure> test, IEnumerable<Figure> server, string against, Func<Figure, double> value)
    {
        var others = test.Where(figure => figure.Server == against).ToDictionary(figure => figure.Round, value);
        var ratios = server.Where(figure => others.ContainsKey(figure.Round)).Select(figure => value(figure) / others[figure.Round]).ToArray();
        return ratios.Length == 0 ? "" : Text(Median(ratios), "F2");
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
