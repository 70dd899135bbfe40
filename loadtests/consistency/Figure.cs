namespace DistCache.LoadTests.Consistency;

/// <param name="PerCpuSecond">Hits for a second of the edge's user and system time, in the closed loop.</param>
/// <param name="Rate">Hits a second there.</param>
/// <param name="Half">Milliseconds within which half of the hits were answered, one after the other on one connection.</param>
/// <param name="NearlyAll">99 of 100.</param>
internal sealed record Figure(string Log, string Consistency, double PerCpuSecond, double Rate, double Half, double NearlyAll)
{
    public static Figure Median(IReadOnlyList<Figure> rounds) => rounds[0] with
    {
        PerCpuSecond = Of(rounds, figure => figure.PerCpuSecond),
        Rate = Of(rounds, figure => figure.Rate),
        Half = Of(rounds, figure => figure.Half),
        NearlyAll = Of(rounds, figure => figure.NearlyAll),
    };

    private static double Of(IReadOnlyList<Figure> rounds, Func<Figure, double> value) => rounds.Select(value).Order().ElementAt(rounds.Count / 2);
}
