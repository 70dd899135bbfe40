using System.Reflection;
using DistCache.Edge.Configuration;
using DistCache.Edge.Hosts;
using DistCache.Edge.Memory;
using DistCache.Edge.Node;
using Microsoft.Extensions.Configuration;

namespace DistCache.Edge;

/// <summary>What a person sees on stdout once the data ports listen: what is cached where, and one line to try.</summary>
internal sealed class StartMessage(
    NodeOptions node, MemoryOptions memory, IReadOnlyList<ListenAddress> data, ListenAddress admin, IConfiguration configuration, string? demoOrigin)
{
    public void Write(TextWriter output)
    {
        output.WriteLine($"DistCache.Edge {Version} (node {node.Id}, region {node.Region})");
        foreach (var address in data)
            output.WriteLine($"  caching   {Origins()} -> {address.LocalUrl}{(address.LocalUrl == address.ToString() ? "" : $" (listens on {address})")}");
        output.WriteLine($"  admin     {admin.LocalUrl} (/healthz, /readyz)");
        output.WriteLine($"  preset    {configuration[CatchAllRoute.PresetKey]} (policy {CatchAllRoute.PolicyName})");
        output.WriteLine($"  memory    {ByteSize.Format(memory.Capacity)}, objects up to {ByteSize.Format(memory.MaxObjectSize)}");
        output.WriteLine($"  try       {Try()}");
        if (demoOrigin is not null)
            output.WriteLine($"  demo      open {data[0].LocalUrl}/ in a browser; your own site: --origin URL");
        output.Flush();
    }

    private static string Version =>
        typeof(StartMessage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private string Origins()
    {
        if (demoOrigin is not null)
            return "the built-in demo origin";
        var routes = configuration.RouteIds();
        return routes is [OriginUrl.RouteId]
            ? configuration[$"ReverseProxy:Clusters:{OriginUrl.RouteId}:Destinations:{OriginUrl.RouteId}:Address"] ?? "origin"
            : $"{routes.Count} {(routes.Count == 1 ? "route" : "routes")} ({string.Join(", ", routes.Take(5))}{(routes.Count > 5 ? ", ..." : "")})";
    }

    private string Try() =>
        $"curl -i{(data[0].IsHttps ? "k" : "")} {data[0].LocalUrl}{(demoOrigin is null ? "/" : "/fresh")}";
}
