using DistCache.Edge.Node;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DistCache.Edge.Admin;

/// <summary>
/// <c>GET /livez</c>: 200 for as long as the process lives. <c>/startupz</c>: 200 once the data ports have been opened. <c>/readyz</c>: 200
/// while they take requests, else 503; not tied to any tier or origin, whose loss a node survives. <c>/healthz</c>: 200, and what is wrong
/// (<see cref="HealthReport"/>). None is ever stored.
/// </summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var state = (NodeState)routes.ServiceProvider.GetService(typeof(NodeState))!;
        routes.MapGet("/livez", context => Word(context, isGood: true, "ok"));
        routes.MapGet("/startupz", context => Word(context, state.Phase is not NodePhase.Starting, state.Phase is NodePhase.Starting ? "starting" : "ok"));
        routes.MapGet("/readyz", context => Word(context, state.Phase is NodePhase.Ready, HealthReport.Of(state.Phase)));
        routes.MapGet("/healthz", context => Report(context, HealthReport.Of(state)));
    }

    private static Task Word(HttpContext context, bool isGood, string word)
    {
        context.Response.StatusCode = isGood ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return Text(context, word + "\n");
    }

    private static Task Report(HttpContext context, HealthReport report)
    {
        context.Response.Headers.Vary = "Accept";
        if (!context.Request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)))
            return Text(context, report.Text());
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(report);
    }

    private static Task Text(HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(text);
    }
}
