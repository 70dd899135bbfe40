using System.Text.Json;

namespace DistCache.Scenarios;

/// <summary>Configuration files as an operator writes them: YARP's own schema and DistCache:Policies.</summary>
internal static class EdgeConfiguration
{
    /// <summary>One route for each origin, by path prefix: <c>/0/...</c> goes to the first, with the path as it is.</summary>
    public static string ByPrefix(IReadOnlyList<Uri> origins, string preset, bool http2)
    {
        var routes = new Dictionary<string, object>();
        var clusters = new Dictionary<string, object>();
        for (var i = 0; i < origins.Count; i++)
        {
            var id = $"o{i}";
            routes[id] = new { ClusterId = id, OutputCachePolicy = "all", Match = new { Path = $"/{i}/{{**rest}}" } };
            clusters[id] = new
            {
                Destinations = new { d = new { Address = origins[i].ToString() } },
                HttpRequest = http2
                    ? new { Version = "2", VersionPolicy = "RequestVersionExact" }
                    : new { Version = "1.1", VersionPolicy = "RequestVersionOrLower" },
            };
        }

        return JsonSerializer.Serialize(new
        {
            DistCache = new { Policies = new { all = new { Preset = preset } } },
            ReverseProxy = new { Routes = routes, Clusters = clusters },
        });
    }
}
