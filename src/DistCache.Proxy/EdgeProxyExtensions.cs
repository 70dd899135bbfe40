using DistCache.Fleet;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Explaining;
using DistCache.Proxy.Fills;
using DistCache.Geo.Regions;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Hits;
using DistCache.Proxy.Hops;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Peers;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Requests;
using DistCache.Proxy.Shields;
using DistCache.Proxy.Telemetry;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace DistCache.Proxy;

/// <summary>Puts the request path into an ASP.NET Core host.</summary>
public static class EdgeProxyExtensions
{
    /// <param name="configuration">Holds <c>ReverseProxy</c> and <c>DistCache:Policies</c>; read once, and again by <see cref="ProxyConfiguration.TryApplyAsync"/>.</param>
    /// <remarks>A <see cref="FleetNode"/> that is added before, with its <see cref="PurgeIndex"/>, is followed; without one this node is alone.</remarks>
    /// <param name="capacity">Bytes of the memory tier.</param>
    public static IServiceCollection AddEdgeProxy(this IServiceCollection services, IConfiguration configuration, NodeIdentity node, long capacity, EdgeLimits limits)
    {
        var networks = new PurgeNetworks();
        var proxy = new ProxyConfiguration(configuration, networks);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(node).AddSingleton(limits).AddSingleton(OriginOptions.Read(configuration, [])); // its errors are the snapshot's
        services.AddSingleton(provider => new MemoryTier(capacity, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<PurgeIndex>()));
        services.AddSingleton(provider => new UncacheableMarkers(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(networks);
        services.TryAddSingleton(new PurgeIndex());
        services.TryAddSingleton(provider => FleetNode.Alone(provider.GetRequiredService<PurgeIndex>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IStampClock>(provider => provider.GetRequiredService<FleetNode>());
        services.AddSingleton<PurgeCheck>().AddSingleton<PurgeUrls>().AddSingleton<PurgePort>().AddSingleton<WriteQueue>().AddSingleton<WriteInvalidation>();
        services.AddSingleton<Purges>();
        services.AddSingleton(new StrictRequestOptions { CacheName = node.CacheName });
        services.AddSingleton<EdgeMeter>();
        services.AddSingleton<HopSeal>().AddSingleton<FleetNodes>().AddSingleton<HopConnections>().AddSingleton<HopPings>().AddSingleton<HopSource>().AddSingleton<ShieldSource>().AddSingleton<PeerSource>();
        services.AddSingleton<Parts>().AddSingleton<FillServices>().AddSingleton<FillCoordinator>().AddSingleton<Delivery.Delivery>().AddSingleton<OwnAnswers>();
        services.AddSingleton<FillRequests>().AddSingleton<SharedRanges>().AddSingleton<FillAnswers>().AddSingleton<PassPath>().AddSingleton<HitServer>().AddSingleton<EdgeCache>();
        services.TryAddSingleton<IRegionHealth, FleetHealth>();
        services.AddSingleton<GeoMeter>().AddSingleton<GeoGate>();
        services.AddSingleton(provider => new ClientPlaces(
            proxy, provider.GetRequiredService<IRegionHealth>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ClientPlaces>>()));
        services.AddSingleton<Explainer>().AddSingleton<IExplainer>(provider => provider.GetRequiredService<Explainer>());
        services.AddSingleton<ForwardedClient>();
        services.AddSingleton<IForwarderHttpClientFactory, EdgeHttpClientFactory>();
        services.AddSingleton(proxy).AddSingleton<IProxyConfigProvider>(proxy).AddSingleton<IConfigChangeListener>(proxy).AddSingleton<ProxyValidation>();
        services.AddReverseProxy()
            .AddConfigFilter<OriginTimeouts>()
            .AddTransforms<EdgeTransforms>()
            .AddCanonicalTarget();
        return services;
    }

    /// <summary>The whole pipeline, first to last. Throws with one line for each error of the configuration.</summary>
    public static WebApplication UseEdgeProxy(this WebApplication app)
    {
        var proxy = app.Services.GetRequiredService<ProxyConfiguration>();
        proxy.ThrowIfUnusable(app.Services);
        app.Services.GetRequiredService<FleetNode>().FencesWhile(() => !proxy.Current.Policies.All.Any(policy => policy.Partition is Partition.Serve));

        var fills = app.Services.GetRequiredService<FillServices>();
        app.Services.GetRequiredService<FleetNode>().LoadIs(() => fills.Load);

        // WebApplication would put its authorization middleware in front of every request, an async machine that a hit has no use for;
        // here it runs before the cache, and only on routes that ask for it.
        ((IApplicationBuilder)app).Properties["__AuthorizationMiddlewareSet"] = true;
        app.UseMiddleware<RequestMeter>();
        app.UseMiddleware<ForwardedScheme>();
        app.UseMiddleware<HopGate>();
        app.UseMiddleware<StrictRequest>();
        var geo = app.Services.GetRequiredService<GeoGate>();
        app.Use(next => context => geo.BeforeRouting(context, next));
        app.UseRouting();
        app.UseWhen(static context => context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is not null, static branch => branch.UseAuthorization());
        app.Use(next => context => geo.AfterRouting(context, next));
        app.Use(_ => app.Services.GetRequiredService<EdgeCache>().InvokeAsync);
        var meter = app.Services.GetRequiredService<EdgeMeter>();
        app.MapReverseProxy(static origin =>
        {
            origin.UseMiddleware<OriginMeter>();
            origin.UseSessionAffinity();
            origin.UseLoadBalancing();
            origin.UsePassiveHealthChecks();
        }).Add(endpoint =>
        {
            if (endpoint.Metadata.OfType<RouteModel>().FirstOrDefault() is not { } route)
                return;
            endpoint.Metadata.Add(meter.RouteOf(route.Config.RouteId));
            if (GeoRules.Read(route.Config.Metadata) is { } rules)
                endpoint.Metadata.Add(rules);
        });
        app.BeginExplainer();
        return app;
    }

    /// <summary>A second pipeline with the same gate and the same routes, that ends in an explanation instead of an answer.</summary>
    private static void BeginExplainer(this WebApplication app)
    {
        var explainer = app.Services.GetRequiredService<Explainer>();
        var gate = ((IApplicationBuilder)app).New();
        gate.UseMiddleware<ForwardedScheme>();
        gate.UseMiddleware<StrictRequest>();
        var geo = app.Services.GetRequiredService<GeoGate>();
        gate.Use(next => context =>
        {
            geo.Prepare(context);
            return next(context);
        });
        gate.UseRouting();
        gate.Use(_ => explainer.LookAtAsync);
        gate.UseEndpoints(endpoints =>
        {
            foreach (var routes in ((IEndpointRouteBuilder)app).DataSources)
                endpoints.DataSources.Add(routes);
        });
        explainer.Begin(gate.Build());
    }
}
