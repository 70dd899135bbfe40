using DistCache.TestKit;

namespace DistCache.Scenarios.Fleet;

/// <summary>Three regions of two edges; two regions ask the third, ams, instead of the origin.</summary>
public class ShieldedFleet : KeptFleet
{
    protected override FleetStart Start => new()
    {
        Regions = ["ams", "nyc", "sin"],
        EdgesPerRegion = 2,
        BetweenRegions = TimeSpan.FromMilliseconds(5),
        Shield = "ams",
        Lease = TimeSpan.FromSeconds(2),
        Keys = 100_000,
        // The machine may be busy: what counts is what is fetched, not how soon.
        Environment = new Dictionary<string, string?> { ["DistCache__Shared__Budget"] = "5s" },
    };
}
