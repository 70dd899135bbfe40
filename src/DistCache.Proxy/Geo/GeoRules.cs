using System.Globalization;
using DistCache.Geo.Places;
using DistCache.Proxy.Configuration;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Geo;

/// <summary>
/// A route's own rules, in its <c>Metadata</c>: <c>DistCache.Geo.Allow</c>, <c>.Block</c> (lists of countries, groups, <c>AS64500</c>, <c>private</c>,
/// <c>unknown</c>), <c>.Status</c> (403 or 451, RFC 7725) and <c>.Steer</c> (true: clients that are nearer to another region are sent there by 307). With an allow
/// list, who is not on it is blocked, unknown and private ones too; with a block list, who is on it.
/// </summary>
internal sealed class GeoRules
{
    private const string Prefix = "DistCache.Geo.";
    private static readonly string[] Known = ["Allow", "Block", "Status", "Steer"];

    private readonly string[] _allow;
    private readonly string[] _block;

    private GeoRules(string[] allow, string[] block, int status, bool steers) => (_allow, _block, Status, Steers) = (allow, block, status, steers);

    /// <summary>Of the answer to who is blocked.</summary>
    public int Status { get; }

    public bool Steers { get; }

    public bool Allows(ClientPlace place, CountryGroups groups) =>
        !Matches(_block, place, groups) && (_allow.Length == 0 || Matches(_allow, place, groups));

    /// <summary>Null: the route has none. What is wrong is told once, when the configuration is read (<see cref="Check"/>).</summary>
    public static GeoRules? Read(IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null || !metadata.Keys.Any(key => key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)))
            return null;
        return new(
            List(metadata, "Allow"),
            List(metadata, "Block"),
            Value(metadata, "Status") == "451" ? StatusCodes.Status451UnavailableForLegalReasons : StatusCodes.Status403Forbidden,
            bool.TryParse(Value(metadata, "Steer"), out var steers) && steers);
    }

    public static void Check(string route, IReadOnlyDictionary<string, string>? metadata, CountryGroups groups, ICollection<string> errors)
    {
        foreach (var (key, value) in metadata ?? new Dictionary<string, string>())
        {
            if (!key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                continue;
            var at = $"ReverseProxy:Routes:{route}:Metadata:{key}";
            var name = key[Prefix.Length..];
            switch (name.ToUpperInvariant())
            {
                case "ALLOW" or "BLOCK":
                    foreach (var member in Split(value))
                        if (!IsMember(member, groups))
                            errors.Add($"{at}: '{member}' is no country, group or autonomous system; write DE, EU, AS64500, private or unknown. Groups are {string.Join(", ", groups.Names)}.");
                    break;
                case "STATUS" when value is not ("403" or "451"):
                    errors.Add($"{at}: '{value}' is none of its values; write 403 or 451.");
                    break;
                case "STEER" when !bool.TryParse(value, out _):
                    errors.Add($"{at}: '{value}' is neither true nor false.");
                    break;
                case "STATUS" or "STEER":
                    break;
                default:
                    errors.Add($"{at}: there is no such setting{NearestName.Hint(name, Known)}. It may be one of {string.Join(", ", Known.Select(known => Prefix + known))}.");
                    break;
            }
        }
    }

    private static bool IsMember(string member, CountryGroups groups) =>
        groups.IsGroup(member) || Countries.IsCountry(member) || TrySystem(member, out _) || member is ClientPlace.Private or ClientPlace.Unknown;

    private static bool Matches(string[] members, ClientPlace place, CountryGroups groups)
    {
        foreach (var member in members)
            if (TrySystem(member, out var asn) ? place.Location.Asn == asn : place.Country is { } country ? groups.Contains(member, country) : member == place.Name)
                return true;
        return false;
    }

    private static bool TrySystem(string member, out uint asn)
    {
        asn = 0;
        return member.StartsWith("AS", StringComparison.OrdinalIgnoreCase) && uint.TryParse(member.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out asn);
    }

    private static string[] List(IReadOnlyDictionary<string, string> metadata, string name) => Split(Value(metadata, name) ?? "");

    private static string[] Split(string value) => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string? Value(IReadOnlyDictionary<string, string> metadata, string name) =>
        metadata.FirstOrDefault(pair => pair.Key.Equals(Prefix + name, StringComparison.OrdinalIgnoreCase)).Value;
}
