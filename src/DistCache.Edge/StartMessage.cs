using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using DistCache.Edge.Configuration;
using DistCache.Edge.Fleet;
using DistCache.Proxy.Configuration;
using DistCache.Edge.Hosts;
using DistCache.Edge.Memory;
using DistCache.Edge.Node;
using DistCache.Edge.Shared;
using Microsoft.Extensions.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace DistCache.Edge;

/// <summary>What is seen on stdout once the data ports listen: what is cached where, and one line to try; or all of it in one line of JSON.</summary>
/// <param name="http3">What there is to say of HTTP/3; null: nobody asked for it.</param>
internal sealed class StartMessage(
    NodeOptions node, MemoryOptions memory, IReadOnlyList<ListenAddress> data, ListenAddress admin, ProxySnapshot proxy, IConfiguration configuration, string? http3, string? demoOrigin)
{
    private const int MostNames = 5;

    /// <summary>Null: there is no shared tier.</summary>
    public SharedTierHost? Shared { get; init; }

    public required FleetHost Fleet { get; init; }

    public void Write(TextWriter output)
    {
        output.WriteLine($"DistCache.Edge {Version} (node {node.Id}, region {node.Region})");
        output.WriteLine($"  versions  {RuntimeInformation.FrameworkDescription}, YARP {VersionOf(typeof(RouteConfig))}");
        foreach (var address in data)
            output.WriteLine($"  caching   {Origins()} -> {address.LocalUrl}{(address.LocalUrl == address.ToString() ? "" : $" (listens on {address})")}");
        output.WriteLine($"  admin     {admin.LocalUrl} (/healthz, /metrics, /api/v1/docs)");
        if (Shield is not null)
            output.WriteLine($"  shield    misses go to region {Shield}, and to the origin where that does not answer");
        output.WriteLine($"  preset    {configuration[CatchAllRoute.PresetKey]} (policy {CatchAllRoute.PolicyName})");
        if (Policies.Length > 1)
            output.WriteLine($"  policies  {Some(Policies)}");
        output.WriteLine($"  memory    {ByteSize.Format(memory.Capacity)}, objects up to {ByteSize.Format(memory.MaxObjectSize)}");
        output.WriteLine(Shared is { } tier ? $"  shared    Redis at {tier.Connection.Endpoints}, waited for {Text(tier.Budget)} at most" : $"  shared    none ({SharedTierOptions.RedisKey})");
        output.WriteLine($"  purges    log {Fleet.Place}{(Fleet.Node.IsAlone ? "" : $", lease {Text(Fleet.Node.Options.Lease.Length)}")}");
        if (http3 is not null)
            output.WriteLine($"  http/3    {http3}");
        output.WriteLine($"  try       {Try()}");
        if (demoOrigin is not null)
            output.WriteLine($"  demo      open {data[0].LocalUrl}/ in a browser; your own site: --origin URL");
        output.Flush();
    }

    public void WriteJson(TextWriter output)
    {
        output.WriteLine(JsonSerializer.Serialize(new
        {
            version = Version,
            runtime = RuntimeInformation.FrameworkDescription,
            yarp = VersionOf(typeof(RouteConfig)),
            node = node.Id,
            region = node.Region,
            shield = Shield,
            data = data.Select(address => new { listen = address.ToString(), url = address.LocalUrl }),
            admin = admin.LocalUrl,
            routes = proxy.Routes.Select(route => route.RouteId),
            policies = Policies,
            preset = configuration[CatchAllRoute.PresetKey],
            memory = memory.Capacity,
            maxObjectSize = memory.MaxObjectSize,
            shared = Shared is not { } tier ? null : new { redis = tier.Connection.Endpoints, budget = tier.Budget.TotalSeconds },
            purgeLog = new { place = Fleet.Place, lease = Fleet.Node.IsAlone ? (double?)null : Fleet.Node.Options.Lease.Length.TotalSeconds },
            http3,
            demo = demoOrigin is not null,
        }));
        output.Flush();
    }

    public static string Version => VersionOf(typeof(StartMessage));

    private string? Shield => proxy.Geo.Regions.Find(node.Region)?.Shield;

    private string[] Policies => [.. proxy.Policies.Names.Order(StringComparer.Ordinal)];

    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private string Origins()
    {
        if (demoOrigin is not null)
            return "the built-in demo origin";
        var routes = configuration.RouteIds();
        return routes is [OriginUrl.RouteId]
            ? configuration[$"ReverseProxy:Clusters:{OriginUrl.RouteId}:Destinations:{OriginUrl.RouteId}:Address"] ?? "origin"
            : $"{routes.Count} {(routes.Count == 1 ? "route" : "routes")} ({Some(routes)})";
    }

    private static string Text(TimeSpan time) => time < TimeSpan.FromSeconds(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###} ms") : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");

    private static string Some(IReadOnlyCollection<string> names) => $"{string.Join(", ", names.Take(MostNames))}{(names.Count > MostNames ? ", ..." : "")}";

    private string Try() =>
        $"curl -i{(data[0].IsHttps ? "k" : "")} {data[0].LocalUrl}{(demoOrigin is null ? "/" : "/fresh")}";
}
