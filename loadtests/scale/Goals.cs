namespace DistCache.LoadTests.Scale;

/// <summary>What is promised of the tier alone. None for what a hit costs: that is the whole request's, and `hits --urls` measures it.</summary>
internal static class Goals
{
    private const double MostManaged = 128;
    private const double Longest = 10; // ms

    public static IEnumerable<(string Goal, bool IsReached)> Of(Figure figure)
    {
        yield return (FormattableString.Invariant($"managed memory of a response at most {MostManaged} B"), figure.Managed <= MostManaged);
        yield return ("hits allocate nothing", figure.Allocated == 0);
        yield return (FormattableString.Invariant($"longest store at most {Longest} ms"), figure.LongestStore <= Longest);
        yield return (FormattableString.Invariant($"longest hit and store beside a reload at most {Longest} ms"), Math.Max(figure.Reload.Hit, figure.Reload.Store) <= Longest);
    }
}
