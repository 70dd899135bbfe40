using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using DistCache.Geo;
using DistCache.Geo.Regions;

namespace DistCache.Proxy.Geo;

/// <summary>The regions in order for a client, as <c>/.well-known/distcache/nearest</c> and <c>/api/v1/steer</c> answer.</summary>
/// <param name="Chosen">Its region's name; null: there is none that can take it.</param>
/// <param name="Because">Why that one.</param>
public sealed record Nearest(string? Address, string? Country, string? Chosen, string? PublicAddress, string Because, IReadOnlyList<NearestRegion> Regions)
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Nearest Of(ClientPlaces places, in GeoLocation location, string? address)
    {
        var options = places.Options;
        var order = NearestRegions.Of(location, options.Regions, options.Groups, places.Health, options.OwnRegion);
        var first = order is [{ IsLeftOut: false } best, ..] ? best : null;
        return new(
            address,
            location.Country,
            first?.Region.Name,
            Text(first?.Region.PublicAddress),
            first?.Reason ?? (options.Regions.IsEmpty ? "no regions are configured (DistCache:Regions)" : "no region can take clients now"),
            [.. order.Select(choice => new NearestRegion(choice.Region.Name, Text(choice.Region.PublicAddress), choice.Distance is { } km ? Math.Round(km) : null, choice.Reason, choice.IsLeftOut))]);
    }

    private static string? Text(Uri? address) => address?.GetLeftPart(UriPartial.Authority);
}

/// <param name="Distance">Kilometres; left out where it is not known.</param>
/// <param name="Reason">Why it stands where it stands.</param>
/// <param name="LeftOut">It cannot take the client now.</param>
public sealed record NearestRegion(string Name, string? PublicAddress, double? Distance, string Reason, bool LeftOut);
