using System.Globalization;
using DistCache.Edge.Admin.Access;
using DistCache.Edge.Node;
using DistCache.Fleet.Members;
using DistCache.Proxy.Purging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace DistCache.Edge.Admin;

/// <summary>
/// <c>DELETE /api/v1/nodes/{id}</c>: an operator's word that a node is gone for good, so that no purge waits for it. 200; 404, no such node
/// is known; 409, it was heard within its lease and a margin; 503, the log does not answer. Written to the audit log.
/// </summary>
internal sealed class ForgetEndpoint(NodeState state, AccessGate gate, ILoggerFactory loggers)
{
    private readonly ILogger _audit = loggers.CreateLogger(Purges.AuditCategory);

    public void Map(IEndpointRouteBuilder routes) => routes.MapDelete(NodesEndpoint.Path + "/{id}", gate.Before(Scope.Admin, ForgetAsync));

    private async Task ForgetAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        var answer = state.Fleet is { } fleet ? await fleet.Node.ForgetAsync(id, context.RequestAborted) : new(Forgetting.Unknown, [], default, default);
        foreach (var member in answer.Members)
            Log.Forgotten(_audit, member.Node, member.Run, member.Region, answer.Silent.TotalSeconds, Caller.Of(context).Name);
        await (answer.Outcome switch
        {
            Forgetting.Done => Answer.JsonAsync(context, StatusCodes.Status200OK, new ForgottenNode(id, answer.Members[0].Region, Seconds(answer.Silent))),
            Forgetting.IsHeard => Answer.ProblemAsync(context, StatusCodes.Status409Conflict,
                string.Create(CultureInfo.InvariantCulture, $"{id} was heard {Seconds(answer.Silent)} s ago and may still serve what it holds. It can be forgotten once it has been silent for {Seconds(answer.Needed)} s, its lease and a margin; stop it first.")),
            Forgetting.NotReached => Answer.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "The purge log does not answer, so nobody can say whether that node is silent. Ask again; /healthz says what is wrong."),
            _ => Answer.ProblemAsync(context, StatusCodes.Status404NotFound, $"No other node '{id}' is known here. GET {NodesEndpoint.Path} names them."),
        });
    }

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);
}

/// <param name="SilentFor">Seconds since its last beat was seen.</param>
internal sealed record ForgottenNode(string Id, string Region, double SilentFor);
