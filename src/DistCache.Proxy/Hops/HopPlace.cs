using System.Net;
using DistCache.Geo;
using DistCache.Geo.Places;
using DistCache.Proxy.Geo;

namespace DistCache.Proxy.Hops;

/// <summary>
/// Where the client is, as the node says that it came to: that node's key was made of it, and another database must not come to another key.
/// <c>DE.EU.1.Public</c>; what is not known is a dash. More than that stands in no key and is not told.
/// </summary>
internal static class HopPlace
{
    private const string Unknown = "-";

    /// <summary>In the place of what a place was found by: this one was told.</summary>
    private static readonly object Told = new();

    public static string Write(ClientPlace? place) => place is null
        ? Unknown
        : $"{place.Country ?? Unknown}.{place.Location.Continent ?? Unknown}.{(place.Location.IsInEuropeanUnion ? 1 : 0)}.{place.Kind}";

    /// <param name="place">Null: nothing was told.</param>
    public static bool TryRead(string text, IPAddress? client, out ClientPlace? place)
    {
        place = null;
        if (text == Unknown)
            return true;
        if (text.Split('.') is not [var country, var continent, var union, var kindText] || !Enum.TryParse<AddressKind>(kindText, out var kind))
            return false;
        var location = new GeoLocation { Country = Of(country), Continent = Of(continent), IsInEuropeanUnion = union == "1" };
        place = new(client, location, kind) { FoundBy = Told, Revision = 0 };
        return true;
    }

    private static string? Of(string text) => text == Unknown ? null : text;
}
