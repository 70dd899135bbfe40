using Microsoft.Extensions.Configuration;

namespace DistCache.Edge.Configuration;

internal static class ConfigurationRoutes
{
    public static bool HasRoutes(this IConfiguration configuration) => configuration.GetSection("ReverseProxy:Routes").GetChildren().Any();

    public static IReadOnlyList<string> RouteIds(this IConfiguration configuration) =>
        [.. configuration.GetSection("ReverseProxy:Routes").GetChildren().Select(route => route.Key)];
}
