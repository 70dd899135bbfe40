using System.Text.Json.Serialization;
using DistCache.Edge.Admin.Access;
using DistCache.Edge.Node;
using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace DistCache.Edge.Admin.Purging;

/// <summary>
/// Fastly's calls: <c>POST /service/{id}/purge/{key}</c>, <c>/purge</c> with the keys in <c>Surrogate-Key</c>, in the body or in both,
/// <c>/purge_all</c>; <c>Fastly-Soft-Purge: 1</c>. The service is not looked at: an edge has one cache.
/// </summary>
internal sealed class FastlyPurges(NodeState state, AccessGate gate)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/service/{service}/purge/{key}", gate.Before(Scope.Purge, context => OneAsync(context, KeyOf(context))));
        routes.MapPost("/service/{service}/purge", gate.Before(Scope.Purge, ManyAsync));
        routes.MapPost("/service/{service}/purge_all", gate.Before(Scope.PurgeEverything, AllAsync));
    }

    private async Task OneAsync(HttpContext context, string? key)
    {
        if (await ApplyAsync(context, selection => selection.Tags("key", [key])) is { } id)
            await Answer.JsonAsync(context, StatusCodes.Status200OK, new { status = "ok", id });
    }

    private async Task ManyAsync(HttpContext context)
    {
        List<string?> keys = [];
        foreach (var line in context.Request.Headers["Surrogate-Key"])
            keys.AddRange(line!.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        if (keys.Count == 0 || await HasBodyAsync(context.Request))
        {
            if (await RequestBody.ReadAsync<Body>(context) is not var (body, _))
                return;
            keys.AddRange(body.SurrogateKeys ?? []);
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

    /// <summary>
    /// The key as it was sent, decoded once: in the route's value <c>%2F</c> still stands, and is not to be told from a <c>%252F</c> there. Null: the
    /// route was not chosen by it (dot segments).
    /// </summary>
    private static string? KeyOf(HttpContext context)
    {
        var path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0].TrimEnd('/');
        var sent = path[(path.LastIndexOf('/') + 1)..];
        var routed = Uri.UnescapeDataString(sent.Replace("%2F", "%252F", StringComparison.OrdinalIgnoreCase));
        return routed.Equals((string?)context.Request.RouteValues["key"], StringComparison.OrdinalIgnoreCase) ? Uri.UnescapeDataString(sent) : null;
    }

    /// <summary>Looks at its first bytes and leaves them there.</summary>
    private static async Task<bool> HasBodyAsync(HttpRequest request)
    {
        var read = await request.BodyReader.ReadAsync();
        request.BodyReader.AdvanceTo(read.Buffer.Start);
        return !read.Buffer.IsEmpty;
    }

    private sealed record Body
    {
        [JsonPropertyName("surrogate_keys")]
        public string?[]? SurrogateKeys { get; init; }
    }
}
