using DistCache.Edge.Node;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DistCache.Edge.Admin;

/// <summary>
/// <c>GET /healthz</c>: 200 for as long as the process lives. <c>GET /readyz</c>: 200 while the data ports take requests, else 503;
/// not tied to any tier or origin, whose loss a node survives. Both say one word and are never stored.
/// </summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", context => Answer(context, StatusCodes.Status200OK, "ok"));
        routes.MapGet("/readyz", context => routes.State().Phase switch
        {
            NodePhase.Ready => Answer(context, StatusCodes.Status200OK, "ready"),
            NodePhase.Draining => Answer(context, StatusCodes.Status503ServiceUnavailable, "draining"),
            _ => Answer(context, StatusCodes.Status503ServiceUnavailable, "starting"),
        });
    }

    private static NodeState State(this IEndpointRouteBuilder routes) =>
        (NodeState)routes.ServiceProvider.GetService(typeof(NodeState))!;

    private static Task Answer(HttpContext context, int status, string word)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(word + "\n");
    }
}
