using Yarp.ReverseProxy.Configuration;

namespace DistCache.Proxy.Requests;

/// <summary>
/// Requests are routed by the canonical <i>escaped</i> path, so what a route's <c>Match:Path</c> and its path transforms say is
/// brought into that spelling when configuration is read: <c>/café/{**rest}</c> matches <c>/caf%c3%a9/x</c>. Parameters are left
/// alone; their values, and what constraints see, are escaped text.
/// </summary>
public sealed class CanonicalMatchFilter : IProxyConfigFilter
{
    /// <summary>Clusters are not touched.</summary>
    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel) => new(cluster);

    /// <summary>Returns the route with canonical paths.</summary>
    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel)
    {
        var match = route.Match.Path is { } path
            ? route.Match with { Path = PathLiteral.CanonicalizeTemplate(path) }
            : route.Match;
        return new(route with { Match = match, Transforms = route.Transforms?.Select(Canonicalize).ToList() });
    }

    private static IReadOnlyDictionary<string, string> Canonicalize(IReadOnlyDictionary<string, string> transform) =>
        transform.ToDictionary(
            pair => pair.Key,
            pair => pair.Key.ToUpperInvariant() switch
            {
                "PATHSET" or "PATHPREFIX" or "PATHREMOVEPREFIX" => PathLiteral.Canonicalize(pair.Value),
                "PATHPATTERN" => PathLiteral.CanonicalizeTemplate(pair.Value),
                _ => pair.Value,
            },
            StringComparer.OrdinalIgnoreCase);
}
