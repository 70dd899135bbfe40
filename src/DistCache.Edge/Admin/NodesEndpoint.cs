using DistCache.Edge.Admin.Access;
using DistCache.Edge.Node;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DistCache.Edge.Admin;

/// <summary><c>GET /api/v1/nodes</c>: the nodes that purges reach. One that knows of no others lists itself.</summary>
internal static class NodesEndpoint
{
    public const string Path = "/api/v1/nodes";

    public static void MapNodes(this IEndpointRouteBuilder routes, NodeState state, AccessGate gate) => routes.MapGet(Path, gate.Before(Scope.Read, context =>
        Answer.JsonAsync(context, StatusCodes.Status200OK, new NodeList([new(state.NodeId, state.Region, StartMessage.Version, HealthReport.Of(state.Phase), state.Purges?.Position ?? 0)]))));
}

internal sealed record NodeList(IReadOnlyList<ListedNode> Nodes);

/// <param name="State">starting, ready or draining.</param>
/// <param name="Position">Of the last purge that it has applied.</param>
internal sealed record ListedNode(string Id, string Region, string Version, string State, long Position);
