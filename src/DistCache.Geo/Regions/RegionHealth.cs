namespace DistCache.Geo.Regions;

/// <summary>Whether a region can take clients.</summary>
public enum RegionHealth
{
    Healthy,

    /// <summary>It answers, and has no room for other regions' clients.</summary>
    Overloaded,

    Down,
}

/// <summary>Says how regions are. Asked for each choice: it must not block and must not throw.</summary>
public interface IRegionHealth
{
    RegionHealth Of(string region);
}
