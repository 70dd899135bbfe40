using DistCache.TestKit;

namespace DistCache.Scenarios.Faults;

/// <summary>Where the origin cuts, and the gate at which it stands before it does.</summary>
internal sealed record CutPlan(int Offset, Gate Gate);
