using System.Collections.Frozen;

namespace DistCache.Geo.Places;

/// <summary>
/// Names for several countries: <c>EU</c> (the European Union, not the continent), <c>EEA</c>, <c>EFTA</c>, the continents, and an operator's own. Immutable.
/// </summary>
public sealed class CountryGroups
{
    /// <summary>The member states since 2020.</summary>
    public static readonly IReadOnlySet<string> EuropeanUnion = Set("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK");

    private static readonly FrozenDictionary<string, IReadOnlySet<string>> BuiltIn = new Dictionary<string, IReadOnlySet<string>>(StringComparer.OrdinalIgnoreCase)
    {
        ["EU"] = EuropeanUnion,
        ["EEA"] = Set("IS LI NO " + string.Join(' ', EuropeanUnion)),
        ["EFTA"] = Set("CH IS LI NO"),
        ["Africa"] = Continent("AF"),
        ["Antarctica"] = Continent("AN"),
        ["Asia"] = Continent("AS"),
        ["Europe"] = Continent("EU"),
        ["NorthAmerica"] = Continent("NA"),
        ["Oceania"] = Continent("OC"),
        ["SouthAmerica"] = Continent("SA"),
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Without groups of an operator's.</summary>
    public static readonly CountryGroups Default = new(new Dictionary<string, IReadOnlySet<string>>());

    private readonly FrozenDictionary<string, IReadOnlySet<string>> _groups;

    /// <param name="own">By name; one that is built in is replaced.</param>
    public CountryGroups(IReadOnlyDictionary<string, IReadOnlySet<string>> own)
    {
        var groups = new Dictionary<string, IReadOnlySet<string>>(BuiltIn, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, countries) in own)
            groups[name] = countries;
        _groups = groups.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    public IEnumerable<string> Names => _groups.Keys.Order(StringComparer.Ordinal);

    public bool IsGroup(string name) => _groups.ContainsKey(name);

    /// <param name="member">A group's name, or a country's code.</param>
    public bool Contains(string member, string country) =>
        _groups.TryGetValue(member, out var countries) ? countries.Contains(country) : member.Equals(country, StringComparison.OrdinalIgnoreCase);

    private static FrozenSet<string> Set(string codes) => codes.Split(' ').ToFrozenSet(StringComparer.Ordinal);

    private static FrozenSet<string> Continent(string code) => Countries.All.Where(country => Countries.ContinentOf(country) == code).ToFrozenSet(StringComparer.Ordinal);
}
