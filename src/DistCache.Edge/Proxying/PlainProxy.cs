using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Configuration;

namespace DistCache.Edge.Proxying;

// Stands where DistCache.Proxy will: the same names, plain YARP behind them and no cache. Delete this folder and change the
// using in DataHost and Program when the room is merged.
internal static class StrictKestrel
{
    public static void ConfigureProcess()
    {
    }

    public static void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = null;
    }

    public static void UseStrictConnection(this ListenOptions listen) => _ = listen;
}

internal static class PlainProxy
{
    public static void AddEdgeProxy(this IServiceCollection services, IConfiguration configuration) =>
        services.AddReverseProxy().LoadFromConfig(configuration.GetSection("ReverseProxy")).AddConfigFilter<WithoutPolicies>();

    public static void UseEdgeProxy(this WebApplication app) => app.MapReverseProxy();

    private sealed class WithoutPolicies : IProxyConfigFilter
    {
        public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel) => new(cluster);

        public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) =>
            new(route with { OutputCachePolicy = null });
    }
}
