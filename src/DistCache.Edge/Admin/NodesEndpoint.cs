using DistCache.Edge.Admin.Access;
using DistCache.Edge.Node;
using DistCache.Fleet.Members;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DistCache.Edge.Admin;

/// <summary><c>GET /api/v1/nodes</c>: the nodes that purges reach, as this one knows them; itself first. One that knows of no others lists itself.</summary>
internal static class NodesEndpoint
{
    public const string Path = "/api/v1/nodes";

    public static void MapNodes(this IEndpointRouteBuilder routes, NodeState state, AccessGate gate) => routes.MapGet(Path, gate.Before(Scope.Read, context =>
        Answer.JsonAsync(context, StatusCodes.Status200OK, new NodeList([Own(state), .. Others(state)]))));

    private static ListedNode Own(NodeState state) => new(state.NodeId, state.Region, StartMessage.Version, HealthReport.Of(state.Phase), state.Purges?.Position ?? 0)
    {
        HoldsLease = state.Fleet?.Node.HoldsLease ?? true,
        Address = Told(state.Fleet?.Node.Options.Address),
        DataAddress = Told(state.Fleet?.Node.Options.DataAddress),
        Load = Math.Round(state.Fleet?.Node.Load ?? 0, 3),
    };

    private static IEnumerable<ListedNode> Others(NodeState state) =>
        from member in state.Fleet?.Node.Members() ?? []
        let row = member.Row
        where row.Run != state.Fleet!.Node.Options.Run
        orderby row.Region, row.Node
        select new ListedNode(row.Node, row.Region, row.Version, StateOf(row, member.IsOut), row.Applied.Position)
        {
            HoldsLease = row.HoldsLease && !member.IsOut,
            Address = Told(row.Address),
            DataAddress = Told(row.DataAddress),
            Load = Math.Round(row.Load, 3),
            SilentFor = Math.Round(member.Silent.TotalSeconds, 3),
        };

    private static string StateOf(MemberRow row, bool isOut) => isOut ? "silent" : row.HoldsLease ? "ready" : "fenced";

    private static string? Told(string? address) => address is { Length: > 0 } ? address : null;
}

internal sealed record NodeList(IReadOnlyList<ListedNode> Nodes);

/// <param name="State">Of this node: starting, ready or draining. Of others: ready; fenced, they validate what they serve; silent, their lease is over and no purge waits for them.</param>
/// <param name="Position">Of the last purge that it has applied.</param>
internal sealed record ListedNode(string Id, string Region, string Version, string State, long Position)
{
    /// <summary>It serves what it holds without asking.</summary>
    public bool HoldsLease { get; init; }

    /// <summary>Its admin port; null: not told.</summary>
    public string? Address { get; init; }

    /// <summary>Its data port, for nodes that ask it instead of the origin; null: not told.</summary>
    public string? DataAddress { get; init; }

    /// <summary>Fills of the most that it may have at once, 0 to 1; a region whose nodes come to 0.9 is left out of steering.</summary>
    public double Load { get; init; }

    /// <summary>Seconds since its last beat was seen; null: this node.</summary>
    public double? SilentFor { get; init; }
}
