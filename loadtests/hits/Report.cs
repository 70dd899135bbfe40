using System.Globalization;
using System.Text;

namespace DistCache.LoadTests.Hits;

/// <summary>Medians over rounds, and of ratios within each round: what disturbs one server of a round disturbs the other.</summary>
internal static class Report
{
    public static string Write(IReadOnlyList<Figure> figures, IReadOnlyList<(string Title, IReadOnlyList<Scenario> Scenarios)> open, IReadOnlyList<Missed> missed, IEnumerable<string> skipped, Options options)
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
            text.AppendLine().AppendLine($"## {test.Key}{(Goals.CpuOfNginx.TryGetValue(test.Key, out var goal) ? string.Create(CultureInfo.InvariantCulture, $" (goal: CPU × nginx {goal})") : "")}").AppendLine();
            var bare = test.Any(figure => figure.Server == "bare-yarp") ? "bare-yarp" : "bare-kestrel";
            var table = new MarkdownTable("server", "CPU µs/request", "× nginx", "× Varnish", $"× {bare}", "requests/s", $"× {bare}", "core", "RSS MiB");
            foreach (var server in test.GroupBy(figure => figure.Server))
                table.Add(
                    server.Key, Text(Medians.Of(server.Select(figure => figure.CpuMicroseconds)), "F1"),
                    Ratio(test, server, "nginx", figure => figure.CpuMicroseconds), Ratio(test, server, "varnish", figure => figure.CpuMicroseconds), Ratio(test, server, bare, figure => figure.CpuMicroseconds),
                    Text(Medians.Of(server.Select(figure => figure.Rate)), "N0"), Ratio(test, server, bare, figure => figure.Rate),
                    Text(Medians.Of(server.Select(figure => figure.Core)), "P0"), Text(Medians.Of(server.Select(figure => (double)figure.ResidentBytes)) / (1 << 20), "N0"));
            text.Append(table);
        }
        foreach (var miss in missed)
            Append(text, miss, figures);
        foreach (var (title, scenarios) in open.Where(loop => loop.Scenarios.Count > 0))
        {
            text.AppendLine().AppendLine($"## {title}").AppendLine();
            var table = new MarkdownTable("server", "p50 ms", "p99 ms", "p99.9 ms", "answers");
            foreach (var server in scenarios.GroupBy(scenario => scenario.Name))
                table.Add(server.Key, Percentile(server, 50), Percentile(server, 99), Percentile(server, 99.9), server.Sum(scenario => scenario.Count).ToString("N0", CultureInfo.InvariantCulture));
            text.Append(table);
        }
        return text.ToString();
    }

    /// <summary>The servers beside each other, by whose code takes the time, in microseconds of a request; and the edge's largest functions.</summary>
    private static void Append(StringBuilder text, Missed miss, IReadOnlyList<Figure> figures)
    {
        text.AppendLine().AppendLine($"## Not reached: {miss.Case}, {miss.What}").AppendLine();
        if (miss.Profiles.Count == 0)
        {
            text.AppendLine($"No profile: {miss.Why}.");
            return;
        }
        var microseconds = miss.Profiles.Select(profile => Medians.Of(figures.Where(figure => figure.Case == miss.Case && figure.Server == profile.Server).Select(figure => figure.CpuMicroseconds))).ToArray();
        var table = new MarkdownTable(["CPU µs/request", .. miss.Profiles.Select(profile => profile.Server)]);
        foreach (var owner in miss.Profiles.SelectMany(profile => profile.Shares).Select(share => share.Owner).Distinct())
        {
            var times = miss.Profiles.Select((profile, at) => profile.Shares.FirstOrDefault(share => share.Owner == owner).Share * microseconds[at]).ToArray();
            if (times.Max() * 100 >= microseconds.Max()) // a hundredth of it, or nobody looks at it
                table.Add([owner, .. times.Select(time => time > 0 ? Text(time, "F1") : "")]);
        }
        text.Append(table).AppendLine().AppendLine($"{miss.Profiles[0].Server}, most by themselves: {string.Join(", ", miss.Profiles[0].Functions.Select(function => $"`{function.Function}` {Text(function.Share, "P0")}"))}.");
    }

    public static string Draw(IReadOnlyList<Figure> figures) => BarChart.Draw("CPU for a hit", "µs a request, median", [.. figures.GroupBy(figure => figure.Case).Select(test =>
        (test.Key, (IReadOnlyList<(string, double)>)[.. test.GroupBy(figure => figure.Server).Select(server => (server.Key, Medians.Of(server.Select(figure => figure.CpuMicroseconds))))]))]);

    /// <summary>Of the open loops.</summary>
    public static string Draw(IReadOnlyList<(string Title, IReadOnlyList<Scenario> Scenarios)> open) => BarChart.Draw("p99 of hits in the open loop", "ms, median", [.. open.Where(loop => loop.Scenarios.Count > 0).Select(loop =>
        (loop.Title, (IReadOnlyList<(string, double)>)[.. loop.Scenarios.GroupBy(scenario => scenario.Name).Select(server => (server.Key, Medians.Of(server.Select(scenario => scenario.Percentile(99)))))]))]);

    private static string Percentile(IEnumerable<Scenario> rounds, double percentile) => Text(Medians.Of(rounds.Select(scenario => scenario.Percentile(percentile))), "F2");

    private static string Ratio(IEnumerable<Figure> test, IEnumerable<Figure> server, string against, Func<Figure, double> value) =>
        Medians.Ratio(test, server, against, value) is { } ratio ? Text(ratio, "F2") : "";

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
