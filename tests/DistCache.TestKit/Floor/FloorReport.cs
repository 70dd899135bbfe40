namespace DistCache.TestKit;

/// <summary>What a <see cref="FloorRun"/> has seen.</summary>
/// <param name="Reads">That were answered with a page.</param>
/// <param name="Hits">Of them, those that an edge answered without asking anybody.</param>
/// <param name="Stale">Of them, those that were told to be stale.</param>
/// <param name="Unanswered">Connections that broke, and answers that were no page (502, 504): no violation, and no proof.</param>
/// <param name="WrongBodies">Bodies that no origin ever made: each is a violation of I1 or I6.</param>
/// <param name="Complete">Purges that were acknowledged as complete.</param>
/// <param name="Pending">Purges that were not, or whose answer was lost.</param>
public sealed record FloorReport(
    long Reads, long Hits, long Stale, long Unanswered, IReadOnlyList<string> WrongBodies, long Complete, long Pending,
    IReadOnlyList<FloorViolation> Violations, IReadOnlyList<Strike> Faults)
{
    /// <summary>How often of each kind: <c>KillEdge 2, FreezeLog 1</c>.</summary>
    public string Kinds => string.Join(", ", Faults.CountBy(strike => strike.Fault).OrderBy(kind => kind.Key).Select(kind => $"{kind.Key} {kind.Value}"));

    public override string ToString() =>
        $"{Reads} reads ({Hits} hits, {Stale} stale), {Unanswered} unanswered, {WrongBodies.Count} wrong bodies, {Complete} purges complete, {Pending} pending, " +
        $"{Violations.Count} violations, {Faults.Count} faults ({Kinds}): {string.Join("; ", Faults)}\n{string.Join('\n', WrongBodies.Take(5))}\n{string.Join('\n', Violations.Take(20))}";
}
