namespace DistCache.Geo.Regions;

/// <summary>Why a region cannot take a client now.</summary>
public enum LeftOut
{
    /// <summary>It can.</summary>
    None,

    /// <summary>Its configuration says so.</summary>
    NotAvailable,

    Down,

    /// <summary>For other regions' clients only.</summary>
    Overloaded,
}

/// <summary>One region as it stands for one client.</summary>
/// <param name="Distance">Kilometres; null: the client's place or the region's is not known.</param>
/// <param name="Reason">Why it stands where it stands, in words.</param>
public sealed record RegionChoice(Region Region, double? Distance, string Reason, LeftOut LeftOut)
{
    /// <summary>Those stand last.</summary>
    public bool IsLeftOut => LeftOut is not LeftOut.None;

    /// <summary>The client's country is one that the region names.</summary>
    public bool IsNamed { get; init; }
}
