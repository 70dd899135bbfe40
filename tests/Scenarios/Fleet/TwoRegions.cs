using DistCache.TestKit;

namespace DistCache.Scenarios.Fleet;

/// <summary>Two edges in each of two regions.</summary>
public sealed class TwoRegions : KeptFleet
{
    protected override FleetStart Start => new() { Regions = ["ams", "nyc"], EdgesPerRegion = 2, Lease = TimeSpan.FromSeconds(10), Keys = 1_000 };
}
