using System.Net;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Hops;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Policies;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Configuration;

namespace DistCache.Proxy.Configuration;

/// <summary>From <c>ReverseProxy</c>, <c>DistCache:Policies</c>, <c>:Purge</c>, <c>:Geo</c> and <c>:Regions</c> to one snapshot. Every error begins with its key and ends with the remedy.</summary>
internal static class ProxySnapshotReader
{
    public static ProxySnapshot Read(IConfiguration configuration, ICollection<string> errors)
    {
        var geo = GeoOptionsReader.Read(configuration, errors);
        var secret = HopSecret.Read(configuration, errors);
        HopCheck.Examine(geo, secret, configuration, errors);
        var policies = PolicyCatalog.Read(configuration, geo.Groups, errors);
        var (routes, clusters) = Parse(configuration.GetSection("ReverseProxy"), errors);
        OriginOptions.Read(configuration, errors);
        foreach (var route in routes)
        {
            CheckCluster(route, clusters, errors);
            GeoRules.Check(route.RouteId, route.Metadata, geo.Groups, errors);
        }
        return new()
        {
            Policies = policies,
            Geo = geo,
            Secret = secret,
            PurgeNetworks = ReadNetworks(configuration.GetSection("DistCache:Purge:AllowedNetworks"), errors),
            Routes = [.. routes.Select(route => RoutePolicies.Attach(route, clusters, policies, errors))],
            Clusters = clusters,
        };
    }

    /// <summary>YARP's own reader, so that its users find every key where they know it. It is internal, but its own container gives it out.</summary>
    private static (IReadOnlyList<RouteConfig> Routes, IReadOnlyList<ClusterConfig> Clusters) Parse(IConfigurationSection section, ICollection<string> errors)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddReverseProxy().LoadFromConfig(section);
        using var container = services.BuildServiceProvider();
        try
        {
            var read = container.GetRequiredService<IProxyConfigProvider>().GetConfig();
            return (read.Routes, read.Clusters);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            errors.Add($"ReverseProxy: {(e.InnerException ?? e).Message.TrimEnd('.')}; write the value as YARP documents it.");
            return ([], []);
        }
    }

    private static void CheckCluster(RouteConfig route, IReadOnlyList<ClusterConfig> clusters, ICollection<string> errors)
    {
        if (route.ClusterId is not { Length: > 0 } id)
            errors.Add($"ReverseProxy:Routes:{route.RouteId}:ClusterId: is missing; name one of ReverseProxy:Clusters.");
        else if (!clusters.Any(cluster => cluster.ClusterId.Equals(id, StringComparison.OrdinalIgnoreCase)))
            errors.Add($"ReverseProxy:Routes:{route.RouteId}:ClusterId: there is no cluster '{id}' in ReverseProxy:Clusters{NearestName.Hint(id, clusters.Select(cluster => cluster.ClusterId))}.");
    }

    private static List<IPNetwork> ReadNetworks(IConfigurationSection section, ICollection<string> errors)
    {
        var networks = new List<IPNetwork>();
        foreach (var child in section.GetChildren())
            if (Networks.TryParse(child.Value, out var network))
                networks.Add(network);
            else
                errors.Add($"{child.Path}: '{child.Value}' is not a network; write it as 10.0.0.0/8 or fd00::/8, without bits behind the prefix.");
        return networks;
    }
}
