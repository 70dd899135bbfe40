using System.Net;
using DistCache.Geo.Clients;
using DistCache.Geo.Places;
using DistCache.Geo.Regions;

namespace DistCache.Proxy.Geo;

/// <summary><c>DistCache:Geo</c> and <c>DistCache:Regions</c> of one reading of the configuration, as validated. Immutable.</summary>
public sealed record GeoOptions
{
    public static readonly GeoOptions None = new();

    public string? Database { get; init; }

    public string? AsnDatabase { get; init; }

    public TrustedProxies TrustedProxies { get; init; } = TrustedProxies.None;

    public ForwardedField ForwardedField { get; init; }

    /// <summary>Connections from <see cref="TrustedProxies"/> begin with the PROXY protocol.</summary>
    public bool ProxyProtocol { get; init; }

    /// <summary>Country that stands for private addresses; null: none does.</summary>
    public string? Private { get; init; }

    /// <summary>Country that stands for addresses that nobody knows; null: none does.</summary>
    public string? Unknown { get; init; }

    public CountryGroups Groups { get; init; } = CountryGroups.Default;

    internal GeoFields Fields { get; init; } = GeoFields.Default;

    public RegionTable Regions { get; init; } = RegionTable.Empty;

    /// <summary><c>DistCache:Node:Region</c>.</summary>
    public string OwnRegion { get; init; } = "";

    /// <summary>Kilometres.</summary>
    public double Hysteresis { get; init; } = 200;

    /// <summary>A place can be known at all.</summary>
    public bool HasPlaces => Database is not null || AsnDatabase is not null || Private is not null || Unknown is not null;
}
