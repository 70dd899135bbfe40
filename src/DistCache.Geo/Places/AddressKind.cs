namespace DistCache.Geo.Places;

/// <summary>What an address is by itself, before any database is asked.</summary>
public enum AddressKind
{
    /// <summary>May stand in a database.</summary>
    Public,

    /// <summary>Of a network without a place: loopback, private, shared (carrier NAT), link-local, unique local.</summary>
    Private,

    /// <summary>Nobody's: unspecified, multicast, documentation, reserved.</summary>
    Special,
}
