namespace DistCache.Scenarios.Fleet;

/// <summary>
/// A region whose edges wait for their shared tier: what is asked here is what it holds, whatever else the machine does. That nobody waits for
/// a slow one is asked of <see cref="OneRegion"/>, with the budget as it is by default.
/// </summary>
public sealed class PatientRegion : OneRegion
{
    protected override IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?> { ["DistCache__Shared__Budget"] = "5s" };
}
