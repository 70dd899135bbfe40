using Yarp.ReverseProxy.Configuration;

namespace DistCache.Proxy.Policies;

/// <summary>
/// A route's <c>OutputCachePolicy</c> names one of ours. YARP would look it up in OutputCacheOptions, which does not see policies added
/// after start; so it is checked here, handed on in the route's metadata, and taken out of YARP's sight.
/// </summary>
internal sealed class PolicyFilter(PolicyCatalog catalog) : IProxyConfigFilter
{
    internal const string MetadataKey = "DistCache.Policy";

    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel) => new(cluster);

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel)
    {
        if (route.OutputCachePolicy is not { Length: > 0 } name)
            return new(route);
        if (catalog.Find(name) is null)
            throw new ArgumentException(
                $"ReverseProxy:Routes:{route.RouteId}:OutputCachePolicy: there is no policy '{name}' in DistCache:Policies{Nearest(name)}.");
        if (cluster?.SessionAffinity?.Enabled is true)
            throw new ArgumentException(
                $"ReverseProxy:Clusters:{cluster.ClusterId}:SessionAffinity: a route with a cache policy ('{route.RouteId}') cannot use it: its cookie would " +
                "be stored and shared. Remove the route's OutputCachePolicy, or the affinity.");
        var metadata = new Dictionary<string, string>(route.Metadata ?? new Dictionary<string, string>()) { [MetadataKey] = name };
        return new(route with { OutputCachePolicy = null, Metadata = metadata });
    }

    private string Nearest(string name)
    {
        var nearest = catalog.Names.MinBy(other => Distance(name.ToLowerInvariant(), other.ToLowerInvariant()));
        return nearest is null ? "; the section is empty" : $"; the nearest name is '{nearest}'";
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }
}
