namespace DistCache.LoadTests.Hits;

/// <summary>A case in which the edge has missed a goal, and what of; and where the time of the edge, and of who set the goal, goes: the edge first. None: <paramref name="Why"/>.</summary>
internal sealed record Missed(string Case, string What, IReadOnlyList<Profile> Profiles, string Why);

/// <summary>What the edge is to reach: ratios in the same round, their medians.</summary>
internal static class Goals
{
    /// <summary>Of bare Kestrel's rate, in every case.</summary>
    public const double RateOfKestrel = 0.9;

    /// <summary>CPU a request against nginx.</summary>
    public static readonly IReadOnlyDictionary<string, double> CpuOfNginx = new Dictionary<string, double>
    {
        ["1 KiB hot"] = 0.85, ["1 KiB, 20,000 URLs"] = 0.65, ["32 KiB"] = 1.0, ["1 MiB"] = 1.3, ["1 KiB TLS HTTP/2"] = 1.2,
    };

    /// <summary>CPU a request against plain YARP, of what goes to the origin.</summary>
    public const double CpuOfYarp = 1.15;

    /// <summary>The cases in which the edge has missed one, each with what it missed.</summary>
    public static IEnumerable<(string Case, string What)> MissedBy(string server, IReadOnlyList<Figure> figures)
    {
        foreach (var test in figures.GroupBy(figure => figure.Case))
        {
            var edge = test.Where(figure => figure.Server == server).ToArray();
            var missed = new List<string>();
            if (CpuOfNginx.TryGetValue(test.Key, out var most) && Medians.Ratio(test, edge, "nginx", figure => figure.CpuMicroseconds) is { } cpu && cpu > most)
                missed.Add(FormattableString.Invariant($"CPU × nginx {cpu:F2}, goal {most}"));
            if (Medians.Ratio(test, edge, "bare-yarp", figure => figure.CpuMicroseconds) is { } origin && origin > CpuOfYarp)
                missed.Add(FormattableString.Invariant($"CPU × bare YARP {origin:F2}, goal {CpuOfYarp}"));
            if (Medians.Ratio(test, edge, "varnish", figure => figure.CpuMicroseconds) is { } varnish && varnish >= 1)
                missed.Add(FormattableString.Invariant($"CPU × Varnish {varnish:F2}, goal: less"));
            if (Medians.Ratio(test, edge, "bare-kestrel", figure => figure.Rate) is { } rate && rate < RateOfKestrel)
                missed.Add(FormattableString.Invariant($"rate × bare Kestrel {rate:F2}, goal {RateOfKestrel}"));
            if (missed.Count > 0)
                yield return (test.Key, string.Join("; ", missed));
        }
    }
}
