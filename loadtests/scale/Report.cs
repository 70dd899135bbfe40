using System.Globalization;
using System.Text;

namespace DistCache.LoadTests.Scale;

internal static class Report
{
    public static string Write(IReadOnlyList<Figure> figures)
    {
        var text = new StringBuilder().AppendLine(Cores.Machine).AppendLine();
        var costs = new MarkdownTable("stored responses", "ns a hit", "ns a hot hit", "allocated by hits, B", "ns to read one", "allocated by reading, B each", "managed, B each", "body, B each", "RSS, B each", "counted, B each");
        var longest = new MarkdownTable("longest, ms", "store", "hit", "store among hits", "hit beside a reload", "store beside a reload");
        var goals = new MarkdownTable(["goal", .. figures.Select(figure => $"{figure.Count:N0}")]);
        foreach (var figure in figures)
        {
            costs.Add($"{figure.Count:N0}", $"{figure.Nanoseconds:F0}", $"{figure.Hot:F0}", $"{figure.Allocated:N0}", $"{figure.Read:F0}", $"{figure.ReadAllocated:F0}", $"{figure.Managed:F0}", $"{figure.Body:F0}", $"{figure.Resident:F0}", $"{figure.Counted:F0}");
            longest.Add($"{figure.Count:N0}", $"{figure.LongestStore:F1}", $"{figure.Before.Hit:F1}", $"{figure.Before.Store:F1}", $"{figure.Reload.Hit:F1}", $"{figure.Reload.Store:F1}");
        }
        var reached = figures.Select(figure => Goals.Of(figure).ToDictionary(goal => goal.Goal, goal => goal.IsReached ? "reached" : "not reached")).ToArray();
        foreach (var goal in reached.SelectMany(goals => goals.Keys).Distinct())
            goals.Add([goal, .. reached.Select(goals => goals.GetValueOrDefault(goal, ""))]);
        return text.Append(costs).AppendLine().Append(longest).AppendLine().Append(goals).ToString();
    }

    public static string Draw(IReadOnlyList<Figure> figures) => BarChart.Draw("The memory tier, by stored responses", "each as its group says",
    [
        ("a hit, ns", [.. figures.Select(figure => (Name(figure), figure.Nanoseconds))]),
        ("a hot hit, ns", [.. figures.Select(figure => (Name(figure), figure.Hot))]),
        ("resident memory of a response, B", [.. figures.Select(figure => (Name(figure), figure.Resident))]),
        ("counted for a response, B", [.. figures.Select(figure => (Name(figure), figure.Counted))]),
        ("managed memory of a response, B", [.. figures.Select(figure => (Name(figure), figure.Managed))]),
        ("longest hit or store before a reload, ms", [.. figures.Select(figure => (Name(figure), Math.Max(figure.Before.Hit, figure.Before.Store)))]),
        ("longest hit or store beside a reload, ms", [.. figures.Select(figure => (Name(figure), Math.Max(figure.Reload.Hit, figure.Reload.Store)))]),
    ]);

    private static string Name(Figure figure) => figure.Count.ToString("N0", CultureInfo.InvariantCulture);
}
