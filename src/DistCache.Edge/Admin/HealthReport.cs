using System.Text;
using DistCache.Edge.Node;

namespace DistCache.Edge.Admin;

/// <summary>
/// What <c>/healthz</c> says. As text <c>ok</c>, or <c>yellow</c> and a line for each thing that is wrong; with <c>Accept: application/json</c>
/// this record. Yellow is still 200: what serves its last good state must not be restarted for it.
/// </summary>
/// <param name="Status"><c>green</c>, or <c>yellow</c> when any detail is.</param>
/// <param name="Phase"><c>starting</c>, <c>ready</c>, <c>draining</c>.</param>
internal sealed record HealthReport(string Status, string Phase, IReadOnlyDictionary<string, HealthReport.Detail> Details)
{
    internal sealed record Detail(string Status, IReadOnlyList<string> Problems);

    public static HealthReport Of(NodeState state)
    {
        var details = new SortedDictionary<string, Detail>(StringComparer.Ordinal);
        foreach (var detail in state.Details)
        {
            var problems = detail.Problems; // once: it may change meanwhile
            details.Add(detail.Name, new(Colour(problems.Count == 0), problems));
        }

        return new(Colour(details.Values.All(detail => detail.Problems.Count == 0)), Of(state.Phase), details);
    }

    public static string Of(NodePhase phase) => phase switch
    {
        NodePhase.Ready => "ready",
        NodePhase.Draining => "draining",
        _ => "starting",
    };

    public string Text()
    {
        var text = new StringBuilder(Status == "green" ? "ok" : Status).Append('\n');
        foreach (var (name, detail) in Details)
            foreach (var problem in detail.Problems)
                text.Append(name).Append(": ").Append(problem.ReplaceLineEndings(" ")).Append('\n');
        return text.ToString();
    }

    private static string Colour(bool isGood) => isGood ? "green" : "yellow";
}
