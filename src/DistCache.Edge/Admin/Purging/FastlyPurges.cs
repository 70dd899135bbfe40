using System.Text.Json.Serialization;
using DistCache.Edge.Admin.Access;
using DistCache.Edge.Node;
using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DistCache.Edge.Admin.Purging;

/// <summary>
/// Fastly's calls: <c>POST /service/{id}/purge/{key}</c>, <c>/purge</c> with the keys in <c>Surrogate-Key</c> or in the body,
/// <c>/purge_all</c>; <c>Fastly-Soft-Purge: 1</c>. The service is not looked at: an edge has one cache.
/// </summary>
internal sealed class FastlyPurges(NodeState state, AccessGate gate)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/service/{service}/purge/{key}", gate.Before(Scope.Purge, context => OneAsync(context, (string)context.Request.RouteValues["key"]!)));
        routes.MapPost("/service/{service}/purge", gate.Before(Scope.Purge, ManyAsync));
        routes.MapPost("/service/{service}/purge_all", gate.Before(Scope.PurgeEverything, AllAsync));
    }

    private async Task OneAsync(HttpContext context, string key)
    {
        if (await ApplyAsync(context, selection => selection.Tags("key", [key])) is { } id)
            await Answer.JsonAsync(context, StatusCodes.Status200OK, new { status = "ok", id });
    }

    private async Task ManyAsync(HttpContext context)
    {
        var named = context.Request.Headers["Surrogate-Key"].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string?[] keys = named;
        if (named.Length == 0)
        {
            if (await RequestBody.ReadAsync<Body>(context) is not var (body, _))
                return;
            keys = body.SurrogateKeys ?? [];
        }
        if (await ApplyAsync(context, selection => selection.Tags("surrogate_keys", keys)) is { } id)
            await Answer.JsonAsync(context, StatusCodes.Status200OK, keys.Distinct().ToDictionary(key => key!, _ => id));
    }

    private async Task AllAsync(HttpContext context)
    {
        if (await ApplyAsync(context, selection => selection.Everything(true)) is { } id)
            await Answer.JsonAsync(context, StatusCodes.Status200OK, new { status = "ok", id });
    }

    private async Task<string?> ApplyAsync(HttpContext context, Func<PurgeSelection, PurgeSelection> select)
    {
        if (await PurgeEndpoints.PurgesAsync(context, state) is not { } purges)
            return null;
        var soft = context.Request.Headers["Fastly-Soft-Purge"].ToString();
        if (soft is not ("" or "0" or "1"))
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, $"Fastly-Soft-Purge: '{soft}' is not 1 (soft) or 0 (hard).");
            return null;
        }
        var selection = select(new(purges)).Checked("Surrogate-Key or surrogate_keys");
        if (!await PurgeEndpoints.MayApplyAsync(context, selection))
            return null;
        if (await purges.ApplyAsync(selection.Selectors, soft == "1" ? PurgeMode.Soft : PurgeMode.Hard, Caller.Of(context).Name) is { } receipt)
            return receipt.Id;
        await PurgeEndpoints.RefuseAsync(context);
        return null;
    }

    private sealed record Body
    {
        [JsonPropertyName("surrogate_keys")]
        public string?[]? SurrogateKeys { get; init; }
    }
}
