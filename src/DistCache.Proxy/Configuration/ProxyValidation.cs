using Yarp.ReverseProxy.Configuration;

namespace DistCache.Proxy.Configuration;

/// <summary>What YARP would refuse of a snapshot, found before it is handed over and told by route and cluster.</summary>
internal sealed class ProxyValidation(IConfigValidator validator, IEnumerable<IProxyConfigFilter> filters)
{
    public async Task<IReadOnlyList<string>> ErrorsAsync(ProxySnapshot snapshot)
    {
        var errors = new List<string>();
        foreach (var cluster in snapshot.Clusters)
            await CollectAsync($"ReverseProxy:Clusters:{cluster.ClusterId}", () => CheckAsync(cluster), errors);
        foreach (var route in snapshot.Routes)
            await CollectAsync($"ReverseProxy:Routes:{route.RouteId}", () => CheckAsync(route, snapshot.Clusters), errors);
        return errors;
    }

    private async ValueTask<IList<Exception>> CheckAsync(ClusterConfig cluster)
    {
        foreach (var filter in filters)
            cluster = await filter.ConfigureClusterAsync(cluster, CancellationToken.None);
        return await validator.ValidateClusterAsync(cluster);
    }

    private async ValueTask<IList<Exception>> CheckAsync(RouteConfig route, IReadOnlyList<ClusterConfig> clusters)
    {
        var cluster = clusters.FirstOrDefault(cluster => cluster.ClusterId.Equals(route.ClusterId, StringComparison.OrdinalIgnoreCase));
        foreach (var filter in filters)
            route = await filter.ConfigureRouteAsync(route, cluster, CancellationToken.None);
        return await validator.ValidateRouteAsync(route);
    }

    private static async Task CollectAsync(string key, Func<ValueTask<IList<Exception>>> check, List<string> errors)
    {
        try
        {
            foreach (var error in await check())
                errors.Add(Line(key, error));
        }
        // Filters and validators refuse with exceptions of any kind; here each is a value.
        catch (Exception error)
        {
            errors.Add(Line(key, error));
        }
    }

    private static string Line(string key, Exception error) =>
        error.Message.StartsWith("ReverseProxy:", StringComparison.Ordinal) ? error.Message : $"{key}: {error.Message.ReplaceLineEndings(" ").TrimEnd('.')}. Correct it as YARP documents it.";
}
