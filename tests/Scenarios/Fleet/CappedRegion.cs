using System.Globalization;
using DistCache.TestKit;

namespace DistCache.Scenarios.Fleet;

/// <summary>A region whose edges ask little of their origin at a time, and wait for their shared tier: what is counted is who asks, not how soon.</summary>
public sealed class CappedRegion : OneRegion
{
    /// <summary>Requests that one edge may have at its origin.</summary>
    public const int MostOfEdge = 4;

    protected override IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>
    {
        ["DistCache__Origin__MaxConnections"] = MostOfEdge.ToString(CultureInfo.InvariantCulture),
        ["DistCache__Shared__Budget"] = "5s",
    };

    protected override FleetStart Start => base.Start with { Lease = TimeSpan.FromSeconds(4) };
}
