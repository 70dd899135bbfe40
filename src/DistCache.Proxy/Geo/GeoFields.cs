using System.Collections.Frozen;
using System.Globalization;
using DistCache.Geo;
using DistCache.Proxy.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace DistCache.Proxy.Geo;

/// <summary>
/// The request fields that tell the origin where its client is, by the names that an operator wants. Whatever a client sends under these names is
/// removed. On a route whose responses are stored the origin learns what the key holds and no more: an answer made for one place would else be everybody's.
/// </summary>
internal sealed class GeoFields
{
    /// <summary>What is told, and under which name by default.</summary>
    public static readonly IReadOnlyDictionary<string, string> Defaults = new Dictionary<string, string>
    {
        ["Country"] = "X-Geo-Country",
        ["Continent"] = "X-Geo-Continent",
        ["EuropeanUnion"] = "X-Geo-EU",
        ["Group"] = "X-Geo-Group",
        ["Subdivision"] = "X-Geo-Region",
        ["City"] = "X-Geo-City",
        ["Latitude"] = "X-Geo-Latitude",
        ["Longitude"] = "X-Geo-Longitude",
        ["Asn"] = "X-Geo-ASN",
    };

    public static readonly GeoFields Default = new(new Dictionary<string, IReadOnlyList<string>>());

    // Fields that mean something to everybody; a client's own must not be lost for ours.
    private static readonly FrozenSet<string> Taken = new[]
    {
        "Host", "User-Agent", "Accept", "Authorization", "Cookie", "Referer", "Origin", "Connection", "Range", "Date", "Via", "Age", "Expect", "TE", "Trailer", "Upgrade",
        "Cache-Control", "Pragma", "Transfer-Encoding", "Keep-Alive", "Forwarded", "CDN-Loop", "Max-Forwards", "Priority", "DNT", "Warning",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] TakenFamilies = ["Accept-", "Content-", "If-", "Sec-", "X-Forwarded-", "Proxy-", "Access-Control-"];

    private readonly FrozenDictionary<string, string[]> _names;
    private readonly string[] _stripped;

    /// <param name="names">In place of <see cref="Defaults"/>; an empty list: it is not told.</param>
    public GeoFields(IReadOnlyDictionary<string, IReadOnlyList<string>> names)
    {
        _names = Defaults.ToFrozenDictionary(pair => pair.Key, pair => names.TryGetValue(pair.Key, out var own) ? [.. own] : new[] { pair.Value }, StringComparer.Ordinal);
        // What the gate removes from every request need not be looked for again.
        var gate = new FieldRules(ForgedFields.Names, ForgedFields.Prefixes);
        _stripped = [.. _names.Values.SelectMany(all => all).Where(name => gate.Of(name) is not FieldTreatment.Strip)];
    }

    /// <summary>Whether an operator may call such a field so.</summary>
    public static bool MayBe(string name) =>
        FieldRules.IsToken(name) && !name.Contains('_') && !Taken.Contains(name) && !Array.Exists(TakenFamilies, family => name.StartsWith(family, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether <paramref name="name"/> is one of ours.</summary>
    public bool Has(string name) => _names.Values.Any(all => all.Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>What a client says of its place is not heard.</summary>
    public void Strip(IHeaderDictionary request)
    {
        foreach (var name in _stripped)
            request.Remove(name);
    }

    /// <summary>Takes away what was set for the choice of the route.</summary>
    public void Clear(IHeaderDictionary request)
    {
        foreach (var names in _names.Values)
            foreach (var name in names)
                request.Remove(name);
    }

    /// <summary>The country and what follows from it.</summary>
    public void SetCountry(IHeaderDictionary request, ClientPlace place)
    {
        if (place.Country is not { } country)
            return;
        Set(request, "Country", country);
        Set(request, "Continent", place.Location.Continent);
        Set(request, "EuropeanUnion", place.Location.IsInEuropeanUnion ? "true" : "false");
    }

    public void SetGroup(IHeaderDictionary request, string group) => Set(request, "Group", group);

    /// <summary>All that is known.</summary>
    public void SetAll(IHeaderDictionary request, ClientPlace place)
    {
        SetCountry(request, place);
        var location = place.Location;
        Set(request, "Subdivision", Escaped(location.Subdivision));
        Set(request, "City", Escaped(location.City));
        Set(request, "Latitude", location.Point?.Latitude.ToString("0.####", CultureInfo.InvariantCulture));
        Set(request, "Longitude", location.Point?.Longitude.ToString("0.####", CultureInfo.InvariantCulture));
        Set(request, "Asn", location.Asn?.ToString(CultureInfo.InvariantCulture));
    }

    private void Set(IHeaderDictionary request, string what, string? value)
    {
        if (value is not { Length: > 0 })
            return;
        foreach (var name in _names[what])
            request[name] = value;
    }

    /// <summary>A database's text is not ours: a field holds visible ASCII of it, everything else escaped.</summary>
    private static string? Escaped(string? text) =>
        text is null || text.All(c => c is >= ' ' and <= '~' and not '%') ? text?.Trim() : Uri.EscapeDataString(text);
}
