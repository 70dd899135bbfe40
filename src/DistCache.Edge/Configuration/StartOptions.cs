using DistCache.Edge.AccessLogs;
using DistCache.Edge.Admin;
using DistCache.Edge.Fleet;
using DistCache.Edge.Hosts;
using DistCache.Edge.Memory;
using DistCache.Edge.Node;
using DistCache.Edge.Shared;

namespace DistCache.Edge.Configuration;

/// <summary>What is read at start only, but for the memory. A reload checks it too, and says what waits for a restart.</summary>
internal sealed record StartOptions(NodeOptions Node, MemoryOptions Memory, IReadOnlyList<DataEndpoint> Endpoints, AdminOptions? Admin, AccessLogOptions? AccessLog)
{
    /// <summary>Null: there is no shared tier.</summary>
    public SharedTierOptions? Shared { get; init; }

    public required PurgeLogOptions PurgeLog { get; init; }

    /// <summary>The addresses of the data ports.</summary>
    public IReadOnlyList<ListenAddress> Listen => [.. Endpoints.Select(endpoint => endpoint.Address)];

    /// <summary>Mistakes become complaints of the configuration. Certificates are not looked at (<see cref="Certificates.CertificateStore"/>).</summary>
    public static StartOptions Read(EdgeConfiguration configuration)
    {
        var settings = configuration.Settings;
        var node = NodeOptions.Read(settings, Environment.MachineName);
        var memory = MemoryOptions.Read(settings, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var endpoints = EndpointOptions.Read(settings);
        var admin = AdminOptions.Read(settings, [.. endpoints.Select(endpoint => endpoint.Address)]);
        var shared = SharedTierOptions.Read(settings);
        return new(node, memory, endpoints, admin, AccessLogOptions.Read(settings)) { Shared = shared, PurgeLog = PurgeLogOptions.Read(settings, shared) };
    }

    /// <summary>The sections in which <paramref name="other"/> says something else.</summary>
    public IEnumerable<string> Differences(StartOptions other)
    {
        if (Node != other.Node)
            yield return "DistCache:Node";
        if (Endpoints.Count != other.Endpoints.Count || !Endpoints.Zip(other.Endpoints).All(pair => pair.First.ListensLike(pair.Second)))
            yield return $"{ListenOptions.Key} or Kestrel:Endpoints";
        if (Shared != other.Shared)
            yield return SharedTierOptions.Section;
        if (PurgeLog != other.PurgeLog)
            yield return PurgeLogOptions.Section;
        if (Admin != other.Admin)
            yield return "DistCache:Admin";
        if (AccessLog?.ToString() != other.AccessLog?.ToString())
            yield return AccessLogOptions.Section;
    }
}
