using System.Net;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Hops;
using DistCache.Proxy.Policies;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;

namespace DistCache.Proxy.Configuration;

/// <summary>
/// Routes, clusters, policies and purge networks of one reading of the configuration. Immutable and swapped whole: a route carries its
/// policy with it (<see cref="PolicyMetadata"/>), so that no request ever meets the route of one reading and the policy of another.
/// </summary>
public sealed class ProxySnapshot : IProxyConfig
{
    private readonly CancellationTokenSource _retired = new();

    internal ProxySnapshot() => ChangeToken = new CancellationChangeToken(_retired.Token);

    /// <inheritdoc/>
    public required IReadOnlyList<RouteConfig> Routes { get; init; }

    /// <summary>No route is chosen by a field of the request other than Host.</summary>
    internal bool RoutesByUrlAlone => _routesByUrlAlone ??= Routes.All(route => route.Match.Headers is null or { Count: 0 });

    private bool? _routesByUrlAlone;

    /// <summary>No route is for only one of GET and HEAD.</summary>
    internal bool RoutesHeadAsGet => _routesHeadAsGet ??= Routes.All(route => route.Match.Methods is not { Count: > 0 } methods || Names(methods, "GET") == Names(methods, "HEAD"));

    private bool? _routesHeadAsGet;

    private static bool Names(IReadOnlyList<string> methods, string method) => methods.Contains(method, StringComparer.OrdinalIgnoreCase);

    /// <summary>No route is chosen by anything but host and path.</summary>
    internal bool RoutesByTarget => _routesByTarget ??= Routes.All(route => route.Match is { Headers: null or { Count: 0 }, QueryParameters: null or { Count: 0 }, Methods: null or { Count: 0 } });

    private bool? _routesByTarget;

    internal bool HasCachedRoute => _hasCachedRoute ??= Routes.Any(route => route.Metadata is PolicyMetadata);

    private bool? _hasCachedRoute;

    /// <summary>A route is chosen by a field that tells the client's place.</summary>
    internal bool RoutesByPlace => _routesByPlace ??= Routes.Any(route => route.Match.Headers?.Any(header => Geo.Fields.Has(header.Name)) ?? false);

    private bool? _routesByPlace;

    /// <inheritdoc/>
    public required IReadOnlyList<ClusterConfig> Clusters { get; init; }

    /// <summary><c>DistCache:Policies</c>.</summary>
    public required PolicyCatalog Policies { get; init; }

    /// <summary><c>DistCache:Purge:AllowedNetworks</c>.</summary>
    public required IReadOnlyList<IPNetwork> PurgeNetworks { get; init; }

    /// <summary><c>DistCache:Fleet:Secret</c>; null: no node asks another in the place of the origin.</summary>
    internal HopSecret? Secret { get; init; }

    /// <summary><c>DistCache:Geo</c> and <c>DistCache:Regions</c>.</summary>
    public GeoOptions Geo { get; init; } = GeoOptions.None;

    /// <inheritdoc/>
    public IChangeToken ChangeToken { get; }

    /// <summary>Tells YARP that there is a newer one.</summary>
    internal void Retire() => _retired.Cancel();
}
