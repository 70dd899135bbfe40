using DistCache.Edge.Admin;
using DistCache.Edge.Hosts;
using DistCache.Edge.Node;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace DistCache.Edge.Tests.Admin;

/// <summary>The routes that the admin port really has, as <c>GET /path</c>, without health and metrics.</summary>
internal static class AdminRoutes
{
    public static IEnumerable<string> All
    {
        get
        {
            using var host = AdminHost.Build(new(new(IsHttps: false, "127.0.0.1", 0)), new NodeState(), new ConfigurationBuilder().Build(), NullLoggerFactory.Instance, AppContext.BaseDirectory) as IDisposable;
            return [.. ((IEndpointRouteBuilder)(WebApplication)host!).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
                .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Select(method => $"{method} {endpoint.RoutePattern.RawText}"))
                .Where(route => !route.EndsWith('z'))];
        }
    }
}
