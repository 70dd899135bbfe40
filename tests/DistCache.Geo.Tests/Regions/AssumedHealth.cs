using DistCache.Geo.Regions;

namespace DistCache.Geo.Tests.Regions;

/// <summary>Every region is as its configuration says.</summary>
internal sealed class AssumedHealth : IRegionHealth
{
    public static readonly AssumedHealth Instance = new();

    public RegionHealth Of(string region) => RegionHealth.Healthy;
}
