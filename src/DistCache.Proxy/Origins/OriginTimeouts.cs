using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace DistCache.Proxy.Origins;

/// <summary>
/// Gives each cluster that says nothing of its own our time-outs. YARP has one, for anything that does not move; where the first byte is
/// to come sooner than that, the connection's handler is told by the cluster's metadata.
/// </summary>
internal sealed class OriginTimeouts(OriginOptions options) : IProxyConfigFilter
{
    internal const string FirstByteKey = "DistCache.FirstByteTimeout";

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) => new(route);

    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel)
    {
        if (cluster.HttpRequest?.ActivityTimeout is not null)
            return new(cluster);
        cluster = cluster with { HttpRequest = (cluster.HttpRequest ?? ForwarderRequestConfig.Empty) with { ActivityTimeout = options.IdleTimeout } };
        if (options.FirstByteTimeout >= options.IdleTimeout)
            return new(cluster);
        var metadata = new Dictionary<string, string>(cluster.Metadata ?? new Dictionary<string, string>()) { [FirstByteKey] = options.FirstByteTimeout.ToString("c") };
        return new(cluster with { Metadata = metadata });
    }
}
