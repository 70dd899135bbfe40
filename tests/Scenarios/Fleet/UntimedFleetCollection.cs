using Xunit;

// One more than the cores that we reckon with: the fleets of this collection mostly wait, for leases.
[assembly: Parallelization(MaxThreads = 3)]

namespace DistCache.Scenarios.Fleet;

/// <summary>Fleets of their own of which no time is asked: one after the other, and others may run beside them.</summary>
[CollectionDefinition(Name)]
public sealed class UntimedFleetCollection
{
    public const string Name = "UntimedFleet";
}
