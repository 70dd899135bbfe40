using DistCache.TestKit;

namespace DistCache.LoadTests.Fleet;

/// <summary>What came of it, as Markdown.</summary>
internal static class Report
{
    /// <summary>Whose edge asked: the last member of CDN-Loop names the node. -1: none of them.</summary>
    public static int RegionOf(OriginRequest request)
    {
        var loop = request.Field("CDN-Loop") ?? "";
        loop = loop[(loop.LastIndexOf(',') + 1)..];
        for (var i = 0; i < Continent.All.Count; i++)
            if (loop.Contains($"node={Continent.All[i].Region}-", StringComparison.Ordinal))
                return i;
        return -1;
    }

    public static string Write(
        Options options, EdgeFleet fleet, Visitors[] visitors, Scenario[] loads, Purges purges, IReadOnlyList<Mishap> mishaps,
        List<OriginRequest> asked, List<string> failures, IReadOnlyList<FloorViolation> violations)
    {
        var answers = visitors.SelectMany(each => each.Answers).ToList();
        var regions = new MarkdownTable("region", "answers", "memory %", "shared %", "shield %", "collapsed %", "origin %", "requests to the origin", "per object asked for");
        for (var i = 0; i < Continent.All.Count; i++)
        {
            var here = answers.Where(answer => answer.Region == i).ToList();
            var origin = asked.Where(request => RegionOf(request) == i).ToList();
            var objects = Math.Max(1, origin.Select(request => request.Target).Distinct().Count());
            regions.Add([Continent.All[i].Region, $"{here.Count:N0}", .. Enum.GetValues<Tier>().Select(tier => Share(here, tier)), $"{origin.Count:N0}", $"{(double)origin.Count / objects:F2}"]);
        }
        regions.Add(["all", $"{answers.Count:N0}", .. Enum.GetValues<Tier>().Select(tier => Share(answers, tier)), $"{asked.Count:N0}", $"{(double)asked.Count / Math.Max(1, asked.Select(request => request.Target).Distinct().Count()):F2}"]);

        var clients = new MarkdownTable("clients in", "sent to", "p50 ms", "p99 ms", "p99.9 ms", "failed", "asked the other edge");
        for (var i = 0; i < visitors.Length; i++)
            clients.Add(visitors[i].Continent.Name, string.Join(", ", visitors[i].Regions.Distinct()), $"{loads[i].Percentile(50):F1}", $"{loads[i].Percentile(99):F1}", $"{loads[i].Percentile(99.9):F1}", $"{visitors[i].Failures.Count}", $"{visitors[i].Retried}");

        var times = new MarkdownTable("purges", "number", "p50 ms", "p99 ms", "worst ms");
        var calm = purges.Times.Where(purge => !mishaps.Any(mishap => IsIn(purge, mishap, fleet.Lease))).ToList();
        times.Add(Times("while all is well", calm));
        foreach (var mishap in mishaps)
            times.Add(Times($"{mishap.Name}, or back for less than a lease", [.. purges.Times.Where(purge => IsIn(purge, mishap, fleet.Lease))]));

        return $"""
            {Cores.Machine}; {fleet.Nodes.Count} edges, {fleet.Shared.Count + 1} Redis, origin and clients on them together. {options.Objects:N0} pages, Zipf 0.9, {options.Rate} requests/s from each continent
            during {options.Seconds} s, 25 ms one way between regions, {(options.Shield is { } shield ? $"{shield} is the shield of the others" : "no shield")}, lease {fleet.Lease.TotalSeconds} s; {string.Join("; ", mishaps.Select(mishap => $"{mishap.Name} from {mishap.From.TotalSeconds:F0} to {mishap.Until.TotalSeconds:F0} s"))}.

            {regions}
            {clients}
            {times}
            Failed requests: {failures.Count}. Pages older than an acknowledged purge: {violations.Count} in {answers.Count:N0}. Purges never complete: {purges.Times.Count(purge => purge.Took is null)}.

            """;
    }

    private static bool IsIn(PurgeTime purge, Mishap mishap, TimeSpan lease) => purge.At >= mishap.From - TimeSpan.FromSeconds(1) && purge.At <= mishap.Until + lease;

    private static string Share(List<Answer> answers, Tier tier) => answers.Count == 0 ? "" : $"{100.0 * answers.Count(answer => answer.Tier == tier) / answers.Count:F1}";

    private static string[] Times(string name, List<PurgeTime> purges)
    {
        var sorted = purges.Where(purge => purge.Took is not null).Select(purge => purge.Took!.Value.TotalMilliseconds).Order().ToList();
        return sorted.Count == 0 ? [name, "0", "", "", ""] : [name, $"{purges.Count}", $"{At(0.5):F0}", $"{At(0.99):F0}", $"{sorted[^1]:F0}"];

        double At(double share) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];
    }
}
