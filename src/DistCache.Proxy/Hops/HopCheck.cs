using DistCache.Proxy.Geo;
using Microsoft.Extensions.Configuration;

namespace DistCache.Proxy.Hops;

/// <summary>What nodes need that ask each other, besides the regions themselves (those are checked with their table).</summary>
internal static class HopCheck
{
    private const string DataAddressKey = "DistCache:Node:DataAddress";

    public static void Examine(GeoOptions geo, HopSecret? secret, IConfiguration configuration, ICollection<string> errors)
    {
        foreach (var region in geo.Regions.All)
        {
            var isOwn = region.Name.Equals(geo.OwnRegion, StringComparison.OrdinalIgnoreCase);
            if (region.IsPartitioned)
            {
                Secret(region.Name, "Partition");
                if (isOwn)
                    Address("this node's region is partitioned", "its other nodes");
            }
            if (region.Shield is not { } shield)
                continue;
            Secret(region.Name, "Shield");
            if (shield.Equals(geo.OwnRegion, StringComparison.OrdinalIgnoreCase))
                Address($"this node's region is the shield of {region.Name}", "that region's nodes");
        }

        void Secret(string region, string key)
        {
            if (secret is null && configuration[HopSecret.Key] is not { Length: > 0 })
                errors.Add($"DistCache:Regions:{region}:{key}: needs {HopSecret.Key}, by which nodes know each other; write what openssl rand -hex 32 gives, on every node the same.");
        }

        void Address(string why, string who)
        {
            if (configuration[DataAddressKey] is not { Length: > 0 })
                errors.Add($"{DataAddressKey}: is missing, and {why}; write the URL by which {who} reach a data port of this one, as http://10.0.0.5:8080.");
        }
    }
}
