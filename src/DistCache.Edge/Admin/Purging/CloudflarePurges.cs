using System.Text.Json;
using System.Text.Json.Serialization;
using DistCache.Edge.Admin.Access;
using DistCache.Edge.Node;
using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DistCache.Edge.Admin.Purging;

/// <summary>
/// Cloudflare's bodies, for tools that speak them: <c>purge_cache</c> purges hard, <c>invalidate_cache</c> softly. The zone is not looked
/// at: an edge has one cache. A file's <c>headers</c> are not needed: all variants go.
/// </summary>
internal sealed class CloudflarePurges(NodeState state, AccessGate gate)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var prefix in (string[])["/api/v1", "/client/v4/zones/{zone}"])
        {
            routes.MapPost(prefix + "/purge_cache", gate.Before(Scope.None, context => PurgeAsync(context, PurgeMode.Hard)));
            routes.MapPost(prefix + "/invalidate_cache", gate.Before(Scope.None, context => PurgeAsync(context, PurgeMode.Soft)));
        }
    }

    private async Task PurgeAsync(HttpContext context, PurgeMode mode)
    {
        if (await PurgeEndpoints.PurgesAsync(context, state) is not { } purges || await RequestBody.ReadAsync<Body>(context) is not var (body, _))
            return;
        var selection = new PurgeSelection(purges)
            .Urls("files", body.Files?.Select(UrlOf)).Tags("tags", body.Tags).Prefixes("prefixes", body.Prefixes).Hosts("hosts", body.Hosts).Everything(body.PurgeEverything)
            .Checked("files, tags, prefixes, hosts or purge_everything");
        if (!await PurgeEndpoints.MayApplyAsync(context, selection))
            return;
        if (await purges.ApplyAsync(selection.Selectors, mode, Caller.Of(context).Name) is not { } receipt)
            await PurgeEndpoints.RefuseAsync(context);
        else
            await Answer.JsonAsync(context, StatusCodes.Status200OK, new
            {
                success = true,
                errors = Array.Empty<object>(),
                messages = Array.Empty<object>(),
                result = new { id = receipt.Id },
            });
    }

    private static string? UrlOf(JsonElement file) => file.ValueKind switch
    {
        JsonValueKind.String => file.GetString(),
        JsonValueKind.Object when file.TryGetProperty("url", out var url) && url.ValueKind is JsonValueKind.String => url.GetString(),
        _ => null,
    };

    private sealed record Body
    {
        public JsonElement[]? Files { get; init; }
        public string?[]? Tags { get; init; }
        public string?[]? Prefixes { get; init; }
        public string?[]? Hosts { get; init; }

        [JsonPropertyName("purge_everything")]
        public bool PurgeEverything { get; init; }
    }
}
