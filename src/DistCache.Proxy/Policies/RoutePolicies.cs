using DistCache.Proxy.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace DistCache.Proxy.Policies;

/// <summary>
/// A route's <c>OutputCachePolicy</c> names one of ours. YARP would look it up in OutputCacheOptions, which does not see policies added
/// after start; so it is resolved here, handed on in the route's metadata, and taken out of YARP's sight.
/// </summary>
internal static class RoutePolicies
{
    public static RouteConfig Attach(RouteConfig route, IReadOnlyList<ClusterConfig> clusters, PolicyCatalog policies, ICollection<string> errors)
    {
        if (route.OutputCachePolicy is not { Length: > 0 } name)
            return route;
        if (policies.Find(name) is not { } policy)
        {
            errors.Add($"ReverseProxy:Routes:{route.RouteId}:OutputCachePolicy: there is no policy '{name}' in DistCache:Policies{NearestName.Hint(name, policies.Names)}.");
            return route with { OutputCachePolicy = null };
        }
        var cluster = clusters.FirstOrDefault(cluster => cluster.ClusterId.Equals(route.ClusterId, StringComparison.OrdinalIgnoreCase));
        if (cluster?.SessionAffinity?.Enabled is true)
            errors.Add(
                $"ReverseProxy:Clusters:{cluster.ClusterId}:SessionAffinity: a route with a cache policy ('{route.RouteId}') cannot use it: its cookie would " +
                "be stored and shared. Remove the route's OutputCachePolicy, or the affinity.");
        return route with { OutputCachePolicy = null, Metadata = new PolicyMetadata(policy, route.Metadata) };
    }
}
