using DistCache.Fleet;
using DistCache.Geo.Regions;

namespace DistCache.Proxy.Geo;

/// <summary>
/// How regions are, as the fleet's members say with each beat: one without a live member is down, one whose members are about as busy as they may be is
/// overloaded. A node that is alone, or that has not read the log yet, takes every region as its configuration has it.
/// </summary>
internal sealed class FleetHealth(FleetNode fleet) : IRegionHealth
{
    /// <summary>Of the fills that its members may have under way at once: beyond it they begin to refuse.</summary>
    private const double MostLoad = 0.9;

    public RegionHealth Of(string region)
    {
        if (fleet.LiveRegions is not { } live)
            return RegionHealth.Healthy;
        return !live.TryGetValue(region, out var load) ? RegionHealth.Down : load >= MostLoad ? RegionHealth.Overloaded : RegionHealth.Healthy;
    }
}
