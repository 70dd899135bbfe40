using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>Fleets of their own of which no time is asked: one after the other, and others may run beside them.</summary>
[CollectionDefinition(Name)]
public sealed class UntimedFleetCollection
{
    public const string Name = "UntimedFleet";
}
