using DistCache.Edge.Admin.Access;
using DistCache.Edge.Node;
using DistCache.Proxy.Explaining;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Edge.Admin;

/// <summary>
/// <c>GET /api/v1/explain?url=&amp;method=GET&amp;header=&amp;client=&amp;ask=false</c>: an <see cref="Explanation"/>. <c>url</c> is absolute and escaped, <c>header</c>
/// (<c>Name: value</c>) may be repeated, <c>client</c> is the address that it comes from, <c>ask=true</c> asks the origin too. 400 and 503 as problem details (RFC 9457).
/// </summary>
internal static class ExplainEndpoint
{
    public const string Path = "/api/v1/explain";

    public static void MapExplain(this IEndpointRouteBuilder routes, AccessGate gate) => routes.MapGet(Path, gate.Before(Scope.Read, AnswerAsync));

    private static async Task AnswerAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (query.Keys.FirstOrDefault(key => key is not ("url" or "method" or "header" or "client" or "ask")) is { } unknown)
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, $"{unknown}: there is no such parameter. Use url, method, header, client and ask.");
        }
        else if (query["ask"].ToString() is not ("" or "true" or "false") and var ask)
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, $"ask: '{ask}' is not true or false.");
        }
        else if (context.RequestServices.GetRequiredService<NodeState>().Explainer is not { } explainer)
        {
            await Answer.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "The node is starting. Ask again when /readyz says ready.");
        }
        else
        {
            var method = query["method"].ToString();
            var (explanation, wrong) = await explainer.ExplainAsync(
                query["url"].ToString(), method.Length == 0 ? "GET" : method, query["header"].OfType<string>(), query["client"].ToString(), query["ask"] == "true", context.RequestAborted);
            if (wrong is not null)
                await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, wrong);
            else
                await Answer.JsonAsync(context, StatusCodes.Status200OK, explanation!);
        }
    }
}
