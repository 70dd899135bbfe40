using System.Net;
using DistCache.Geo.Databases;
using DistCache.Geo.Places;

namespace DistCache.Geo;

/// <summary>
/// Asks the databases, and completes what they say by what follows from the country. Answers are remembered in a table of fixed size: clients come
/// back, and proxies bring the same ones. Reading takes no lock.
/// </summary>
public sealed class GeoLookup(GeoDatabase? places, GeoDatabase? systems)
{
    private const int Places = 4096; // a power of two

    private readonly Known?[] _known = new Known?[Places];

    /// <summary>Nothing to ask.</summary>
    public static readonly GeoLookup None = new(null, null);

    /// <summary>The country or city database; null: none is configured.</summary>
    public GeoDatabase? PlaceDatabase => places;

    /// <summary>The ASN database; null: none is configured.</summary>
    public GeoDatabase? SystemDatabase => systems;

    public bool IsEmpty => places is null && systems is null;

    /// <summary>Another number whenever answers may differ from those before.</summary>
    public long Revision => ((long)(places?.Revision ?? 0) << 32) | (uint)(systems?.Revision ?? 0);

    /// <summary>What is known of an address. Never throws.</summary>
    public GeoLocation Find(IPAddress address)
    {
        if (IsEmpty)
            return default;
        address = AddressKinds.Plain(address);
        var revision = Revision;
        ref var slot = ref _known[address.GetHashCode() & (Places - 1)];
        if (Volatile.Read(ref slot) is { } known && known.Revision == revision && known.Address.Equals(address))
            return known.Location;
        var location = Completed(Ask(address));
        Volatile.Write(ref slot, new(address, revision, location));
        return location;
    }

    private GeoLocation Ask(IPAddress address)
    {
        var location = places?.Find(address) ?? default;
        return systems?.Find(address, location) ?? location;
    }

    private static GeoLocation Completed(in GeoLocation location) => location.Country is not { } country ? location : location with
    {
        Continent = location.Continent ?? Countries.ContinentOf(country),
        IsInEuropeanUnion = location.IsInEuropeanUnion || CountryGroups.EuropeanUnion.Contains(country),
    };

    private sealed record Known(IPAddress Address, long Revision, GeoLocation Location);
}
