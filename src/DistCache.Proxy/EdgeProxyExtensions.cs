using System.Net;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Requests;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
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
        var networks = ReadNetworks(configuration.GetSection("DistCache:Purge:AllowedNetworks"), errors);
        if (errors.Count > 0)
            throw new InvalidOperationException(string.Join(Environment.NewLine, errors));

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(node).AddSingleton(limits).AddSingleton(catalog);
        services.AddSingleton(new MemoryTier(capacity));
        services.AddSingleton(provider => new UncacheableMarkers(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new PurgeIndex()).AddSingleton(new PurgeNetworks(networks));
        services.AddSingleton<PurgeCheck>().AddSingleton<PurgePort>().AddSingleton<WriteInvalidation>();
        services.AddSingleton(new StrictRequestOptions { CacheName = node.CacheName });
        services.AddSingleton<Parts>().AddSingleton<FillServices>().AddSingleton<FillCoordinator>().AddSingleton<Delivery.Delivery>().AddSingleton<OwnAnswers>();
        services.AddSingleton<FillRequests>().AddSingleton<FillAnswers>().AddSingleton<PassPath>().AddSingleton<EdgeCache>();
        services.AddSingleton<IForwarderHttpClientFactory, EdgeHttpClientFactory>();
        services.AddReverseProxy()
            .LoadFromConfig(configuration.GetSection("ReverseProxy"))
            .AddConfigFilter<PolicyFilter>()
            .AddTransforms<EdgeTransforms>()
            .AddCanonicalTarget();
        return services;
    }

    private static List<IPNetwork> ReadNetworks(IConfigurationSection section, List<string> errors)
    {
        var networks = new List<IPNetwork>();
        foreach (var child in section.GetChildren())
            if (IPNetwork.TryParse(child.Value, out var network))
                networks.Add(network);
            else
                errors.Add($"{child.Path}: '{child.Value}' is not a network; write it as 10.0.0.0/8 or fd00::/8.");
        return networks;
    }

    /// <summary>The whole pipeline, first to last.</summary>
    public static WebApplication UseEdgeProxy(this WebApplication app)
    {
        // WebApplication would put its authorization middleware in front of every request, an async machine that a hit has no use for;
        // here it runs before the cache, and only on routes that ask for it.
        ((IApplicationBuilder)app).Properties["__AuthorizationMiddlewareSet"] = true;
        app.UseMiddleware<StrictRequest>();
        app.UseRouting();
        app.UseWhen(static context => context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is not null, static branch => branch.UseAuthorization());
        app.Use(_ => app.Services.GetRequiredService<EdgeCache>().InvokeAsync);
        app.MapReverseProxy();
        return app;
    }
}
