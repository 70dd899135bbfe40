using System.Globalization;

namespace DistCache.LoadTests.HitRatio;

/// <summary>What the tier may miss at one capacity.</summary>
/// <param name="Share">Of the footprint.</param>
/// <param name="Most">Of the objects asked for.</param>
internal sealed record Goal(double Share, double Most)
{
    private static readonly double[] Shares = [0.01, 0.1];

    /// <param name="text">One for each share, with commas between; null: there are none.</param>
    public static bool TryRead(string? text, out Goal[] goals)
    {
        goals = [];
        if (text is null)
            return true;
        var parts = text.Split(',');
        var ratios = new double[Shares.Length];
        if (parts.Length != Shares.Length)
            return false;
        for (var i = 0; i < parts.Length; i++)
            if (!double.TryParse(parts[i], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out ratios[i]) || ratios[i] > 1)
                return false;
        goals = [.. Shares.Zip(ratios, static (share, most) => new Goal(share, most))];
        return true;
    }

    /// <summary>For each trace.</summary>
    public IEnumerable<Judged> Judge(IEnumerable<Miss> misses) => misses
        .Where(miss => miss.Share == Share && miss.Policy == TierCandidate.OwnName)
        .Select(miss => new Judged(miss.Trace, Share, Most, miss.Objects, miss.Objects <= Most));
}

internal sealed record Judged(string Trace, double Share, double Most, double Missed, bool IsReached);
