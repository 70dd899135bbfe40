using DistCache.TestKit;

namespace DistCache.Scenarios.Fleet;

/// <summary>Three edges of one region.</summary>
public class OneRegion : KeptFleet
{
    public const int Pages = 100_000;

    /// <summary>Of its edges, besides what makes them a fleet.</summary>
    protected virtual IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>();

    protected override FleetStart Start => new()
    {
        EdgesPerRegion = 3,
        Lease = TimeSpan.FromSeconds(5),
        Keys = Pages,
        Environment = Environment,
    };
}
