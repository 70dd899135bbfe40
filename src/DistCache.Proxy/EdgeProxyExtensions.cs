using DistCache.Proxy.Delivery;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Requests;
using DistCache.Storage.Memory;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Yarp.ReverseProxy.Forwarder;

namespace DistCache.Proxy;

/// <summary>Puts the request path into an ASP.NET Core host.</summary>
public static class EdgeProxyExtensions
{
    /// <param name="configuration">Holds <c>ReverseProxy</c> and <c>DistCache:Policies</c>.</param>
    /// <param name="capacity">Bytes of the memory tier.</param>
    public static IServiceCollection AddEdgeProxy(this IServiceCollection services, IConfiguration configuration, NodeIdentity node, long capacity, EdgeLimits limits)
    {
        var errors = new List<string>();
        var catalog = PolicyCatalog.Read(configuration, errors);
        if (errors.Count > 0)
            throw new InvalidOperationException(string.Join(Environment.NewLine, errors));

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(node).AddSingleton(limits).AddSingleton(catalog);
        services.AddSingleton(new MemoryTier(capacity));
        services.AddSingleton(provider => new UncacheableMarkers(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new StrictRequestOptions { CacheName = node.CacheName });
        services.AddSingleton<FillServices>().AddSingleton<FillCoordinator>().AddSingleton<Delivery.Delivery>().AddSingleton<OwnAnswers>();
        services.AddSingleton<IForwarderHttpClientFactory, EdgeHttpClientFactory>();
        services.AddReverseProxy()
            .LoadFromConfig(configuration.GetSection("ReverseProxy"))
            .AddConfigFilter<PolicyFilter>()
            .AddTransforms<EdgeTransforms>()
            .AddCanonicalTarget();
        return services;
    }

    /// <summary>The whole pipeline, first to last.</summary>
    public static WebApplication UseEdgeProxy(this WebApplication app)
    {
        app.UseMiddleware<StrictRequest>();
        app.UseRouting();
        app.UseMiddleware<EdgeCache>();
        app.MapReverseProxy();
        return app;
    }
}
