using System.Net;
using DistCache.Edge.Admin.Access;
using DistCache.Edge.Geo;
using DistCache.Edge.Node;
using DistCache.Proxy.Geo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DistCache.Edge.Admin;

/// <summary>
/// <c>GET /api/v1/steer?ip=</c>: the regions in order for an address, for a DNS server or a balancer to use (<see cref="Nearest"/>). <c>GET /api/v1/geo?ip=</c>: all that
/// is known of it (<see cref="GeoReport"/>). Scope read.
/// </summary>
internal static class GeoEndpoints
{
    public const string Path = "/api/v1/geo";
    public const string SteerPath = "/api/v1/steer";

    public static void MapGeo(this IEndpointRouteBuilder routes, NodeState state, AccessGate gate)
    {
        routes.MapGet(Path, gate.Before(Scope.Read, context => AnswerAsync(context, state, GeoReport.Of)));
        routes.MapGet(SteerPath, gate.Before(Scope.Read, context => AnswerAsync(context, state, (places, address) => Nearest.Of(places, places.Find(address), address.ToString()))));
    }

    private static Task AnswerAsync<T>(HttpContext context, NodeState state, Func<ClientPlaces, IPAddress, T> about)
    {
        var text = context.Request.Query["ip"].ToString();
        if (!IPAddress.TryParse(text, out var address) || (!text.Contains(':') && address.ToString() != text))
            return Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, $"ip: '{text}' is no address. Write one as 203.0.113.7 or 2001:db8::7.");
        return state.Geo is { } places
            ? Answer.JsonAsync(context, StatusCodes.Status200OK, about(places, address))
            : Answer.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "The node is starting. Ask again when /readyz says ready.");
    }
}
