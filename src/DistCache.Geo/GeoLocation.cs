namespace DistCache.Geo;

/// <summary>What the databases say of an address. Everything may be missing: a country database knows no city, and private addresses stand in none.</summary>
public readonly record struct GeoLocation
{
    /// <summary>Nothing is known.</summary>
    public static readonly GeoLocation Unknown;

    /// <summary>ISO 3166-1 alpha-2, upper-case.</summary>
    public string? Country { get; init; }

    /// <summary>AF, AN, AS, EU, NA, OC or SA; from the database, else from the country.</summary>
    public string? Continent { get; init; }

    /// <summary>A member state of the European Union; from the database, else from the country.</summary>
    public bool IsInEuropeanUnion { get; init; }

    /// <summary>The largest subdivision's ISO 3166-2 code without the country, as <c>BY</c> for Bavaria.</summary>
    public string? Subdivision { get; init; }

    /// <summary>English name.</summary>
    public string? City { get; init; }

    /// <summary>Degrees, of the database; null: it has none (<see cref="Places.Countries.CentreOf"/> may help).</summary>
    public GeoPoint? Point { get; init; }

    /// <summary>Number of the autonomous system that announces the address.</summary>
    public uint? Asn { get; init; }

    /// <summary>Who runs it.</summary>
    public string? AsOrganization { get; init; }

    /// <summary>At least one database has said something.</summary>
    public bool IsKnown => Country is not null || Continent is not null || Point is not null || Asn is not null;
}
