using DistCache.Proxy.Geo;
using DistCache.Proxy.Hops;
using Microsoft.Extensions.Configuration;

namespace DistCache.Proxy.Shields;

/// <summary>What a shield needs besides the regions themselves (those are checked with their table).</summary>
internal static class ShieldCheck
{
    private const string DataAddressKey = "DistCache:Node:DataAddress";

    public static void Examine(GeoOptions geo, HopSecret? secret, IConfiguration configuration, ICollection<string> errors)
    {
        foreach (var region in geo.Regions.All)
        {
            if (region.Shield is not { } shield)
                continue;
            if (secret is null && configuration[HopSecret.Key] is not { Length: > 0 })
                errors.Add($"DistCache:Regions:{region.Name}:Shield: needs {HopSecret.Key}, by which nodes know each other; write what openssl rand -hex 32 gives, on every node the same.");
            if (shield.Equals(geo.OwnRegion, StringComparison.OrdinalIgnoreCase) && configuration[DataAddressKey] is not { Length: > 0 })
                errors.Add($"{DataAddressKey}: is missing, and this node's region is the shield of {region.Name}; write the URL by which that region's nodes reach a data port of this one, as http://10.0.0.5:8080.");
        }
    }
}
