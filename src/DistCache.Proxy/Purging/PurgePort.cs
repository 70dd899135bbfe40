using System.Globalization;
using System.Text;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Telemetry;
using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Purging;

/// <summary>Answers <c>PURGE</c>: 403 unless the connection comes from loopback or a listed network; 400 with the reason; 503 while the log takes nothing; 200 once it is in the log and applied here.</summary>
internal sealed class PurgePort(Purges purges, PurgeNetworks networks, OwnAnswers own)
{
    internal const string Forbidden = "purge-forbidden";
    internal const string Malformed = "purge-malformed";
    internal const string LogUnreachable = "purge-log-unreachable";

    private static readonly CacheStatus Status = CacheStatus.Forwarded(Forward.None, "purge");

    public async Task AnswerAsync(HttpContext context)
    {
        // The connection's own address: no forwarded field may open this door.
        if (!networks.Allow(context.Connection.RemoteIpAddress))
            await own.SendAsync(context, StatusCodes.Status403Forbidden, Status with { Detail = Forbidden }, ProxyStatus.RequestDenied, "PURGE is allowed from loopback and from DistCache:Purge:AllowedNetworks only.");
        else if (PurgeRequest.Read(context.Request, out var error) is not { } purge)
            await own.SendAsync(context, StatusCodes.Status400BadRequest, Status with { Detail = Malformed }, ProxyStatus.RequestError, error);
        else if (await purges.ApplyAsync([.. purge.Selectors.SelectMany(purges.Spellings).Distinct()], purge.Mode, $"{context.Connection.RemoteIpAddress} (PURGE)", context.RequestAborted) is not { } receipt)
            await own.SendAsync(context, StatusCodes.Status503ServiceUnavailable, Status with { Detail = LogUnreachable }, ProxyStatus.InternalError, "The purge log does not take it. Ask again.");
        else
            await AnswerAsync(context, receipt.Position, purge.Mode);
    }

    private static Task AnswerAsync(HttpContext context, long position, PurgeMode mode)
    {
        var body = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{{\"status\":\"ok\",\"position\":{position},\"mode\":\"{(mode is PurgeMode.Soft ? "soft" : "hard")}\"}}\n"));
        RequestRecord.Of(context)?.Purge(body.Length);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body).AsTask();
    }
}
