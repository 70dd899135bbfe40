namespace DistCache.LoadTests.Hits;

internal static class Medians
{
    /// <summary>Of the ratios within each round: what disturbs one server of a round disturbs the other. Null: they were not measured in one.</summary>
    /// <param name="test">All figures of one case.</param>
    public static double? Ratio(IEnumerable<Figure> test, IEnumerable<Figure> server, string against, Func<Figure, double> value)
    {
        var others = test.Where(figure => figure.Server == against).ToDictionary(figure => figure.Round, value);
        var ratios = server.Where(figure => others.ContainsKey(figure.Round)).Select(figure => value(figure) / others[figure.Round]).ToArray();
        return ratios.Length == 0 ? null : Of(ratios);
    }

    public static double Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
