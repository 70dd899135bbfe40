using System.Globalization;
using System.Net;
using DistCache.Geo;
using DistCache.Geo.Clients;
using DistCache.Geo.Places;
using DistCache.Geo.Regions;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Requests;
using Microsoft.Extensions.Configuration;

namespace DistCache.Proxy.Geo;

/// <summary>Reads <see cref="GeoOptions"/>. Every error begins with its key and ends with the remedy.</summary>
internal sealed class GeoOptionsReader(IConfiguration configuration, ICollection<string> errors)
{
    private const string GeoSection = "DistCache:Geo";
    private const string RegionsSection = "DistCache:Regions";

    private readonly IConfigurationSection _geo = configuration.GetSection(GeoSection);

    public static GeoOptions Read(IConfiguration configuration, ICollection<string> errors) => new GeoOptionsReader(configuration, errors).Read();

    private GeoOptions Read()
    {
        OnlyKnown(_geo, GeoKeys.Geo);
        OnlyKnown(_geo.GetSection("Headers"), GeoKeys.Geo, "Headers:");
        var groups = ReadGroups();
        return new()
        {
            Database = Text("Database"),
            AsnDatabase = Text("AsnDatabase"),
            TrustedProxies = new(ReadNetworks()),
            ForwardedField = ReadForwardedField(),
            ProxyProtocol = Flag(_geo, "ProxyProtocol", false),
            Private = Country("Private"),
            Unknown = Country("Unknown"),
            Groups = groups,
            Fields = ReadFields(),
            Regions = ReadRegions(groups),
            OwnRegion = configuration["DistCache:Node:Region"] ?? "",
            Hysteresis = Number(_geo, "Hysteresis", 0, 20_000) ?? 200,
        };
    }

    private string? Text(string key) => _geo[key] is { Length: > 0 } text ? text : null;

    private string? Country(string key)
    {
        if (Text(key) is not { } text || Countries.IsCountry(text))
            return Text(key);
        errors.Add($"{GeoSection}:{key}: '{text}' is no country; write its two capital letters, as DE.");
        return null;
    }

    private ForwardedField ReadForwardedField()
    {
        if (Text("ForwardedField") is not { } text || text.Equals("X-Forwarded-For", StringComparison.OrdinalIgnoreCase))
            return ForwardedField.XForwardedFor;
        if (!text.Equals("Forwarded", StringComparison.OrdinalIgnoreCase))
            errors.Add($"{GeoSection}:ForwardedField: '{text}' is none of its values; write X-Forwarded-For or Forwarded.");
        return ForwardedField.Forwarded;
    }

    private List<IPNetwork> ReadNetworks()
    {
        var networks = new List<IPNetwork>();
        foreach (var text in List(_geo, "TrustedProxies"))
            if (Networks.TryParse(text, out var network))
                networks.Add(network);
            else
                errors.Add($"{GeoSection}:TrustedProxies: '{text}' is not a network; write it as 10.0.0.0/8 or fd00::/8, without bits behind the prefix.");
        return networks;
    }

    private CountryGroups ReadGroups()
    {
        var own = new Dictionary<string, IReadOnlySet<string>>(StringComparer.OrdinalIgnoreCase);
        foreach (var group in _geo.GetSection("Groups").GetChildren())
        {
            var countries = List(_geo.GetSection("Groups"), group.Key);
            if (!group.Key.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') || Countries.IsCountry(group.Key.ToUpperInvariant()) && !CountryGroups.Default.IsGroup(group.Key))
                errors.Add($"{group.Path}: '{group.Key}' cannot be a group's name; use letters, digits and dashes, and no country's code.");
            else if (countries.FirstOrDefault(country => !Countries.IsCountry(country)) is { } wrong)
                errors.Add($"{group.Path}: '{wrong}' is no country; write countries' two capital letters.");
            else
                own[group.Key] = countries.ToHashSet(StringComparer.Ordinal);
        }
        return own.Count == 0 ? CountryGroups.Default : new(own);
    }

    private GeoFields ReadFields()
    {
        var names = new Dictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase);
        foreach (var key in GeoFields.Defaults.Keys)
        {
            var written = List(_geo.GetSection("Headers"), key);
            if (written.FirstOrDefault(name => name != "off" && !GeoFields.MayBe(name)) is { } wrong)
                errors.Add($"{GeoSection}:Headers:{key}: '{wrong}' cannot be the name of such a field; write a token of your own, as X-Geo-{key}, or off.");
            else if (written.Count > 0)
                names[key] = [.. written.Where(name => name != "off")];
        }
        return names.Count == 0 ? GeoFields.Default : new(names);
    }

    private RegionTable ReadRegions(CountryGroups groups)
    {
        var regions = new List<Region>();
        foreach (var section in configuration.GetSection(RegionsSection).GetChildren())
        {
            OnlyKnown(section, GeoKeys.Regions);
            var (latitude, longitude) = (Number(section, "Latitude", -90, 90), Number(section, "Longitude", -180, 180));
            if (latitude is null != longitude is null && section["Latitude"] is null != section["Longitude"] is null)
                errors.Add($"{section.Path}: has one of Latitude and Longitude; write both.");
            regions.Add(new(section.Key)
            {
                Point = latitude is { } north && longitude is { } east ? new GeoPoint(north, east) : null,
                Countries = List(section, "Countries"),
                PublicAddress = Address(section),
                Shield = section["Shield"] is { Length: > 0 } shield ? shield : null,
                IsPartitioned = Flag(section, "Partition", false),
                IsAvailable = Flag(section, "Available", true),
            });
        }
        var wrong = new List<string>();
        var table = RegionTable.Build(regions, groups, wrong);
        foreach (var error in wrong)
            errors.Add($"{RegionsSection}:{error}");
        return table;
    }

    private Uri? Address(IConfigurationSection section)
    {
        if (section["PublicAddress"] is not { Length: > 0 } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address))
            return address;
        errors.Add($"{section.Path}:PublicAddress: '{text}' is no URL; write it as https://eu.example.net.");
        return null;
    }

    private double? Number(IConfigurationSection section, string key, double least, double most)
    {
        if (section[key] is not { Length: > 0 } text)
            return null;
        if (double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        errors.Add(string.Create(CultureInfo.InvariantCulture, $"{section.Path}:{key}: '{text}' is no number from {least} to {most}."));
        return null;
    }

    private bool Flag(IConfigurationSection section, string key, bool otherwise)
    {
        if (section[key] is not { Length: > 0 } text)
            return otherwise;
        if (bool.TryParse(text, out var flag))
            return flag;
        errors.Add($"{section.Path}:{key}: '{text}' is neither true nor false.");
        return otherwise;
    }

    /// <summary>An array, or one text with commas.</summary>
    private static List<string> List(IConfigurationSection section, string key)
    {
        var children = section.GetSection(key).GetChildren().Select(child => child.Value ?? "").ToList();
        return children.Count > 0 ? children : [.. (section[key] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
    }

    private void OnlyKnown(IConfigurationSection section, IReadOnlyList<ConfigurationKey> keys, string under = "")
    {
        var known = keys.Where(key => key.Key.StartsWith(under, StringComparison.Ordinal)).Select(key => key.Key[under.Length..].Split(':')[0]).Distinct().ToArray();
        foreach (var child in section.GetChildren())
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                errors.Add($"{child.Path}: there is no such setting{NearestName.Hint(child.Key, known)}. It may be one of {string.Join(", ", known)}.");
    }
}
