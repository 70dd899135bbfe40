using System.Globalization;
using System.Text;
using DistCache.Proxy.Delivery;
using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Purging;

/// <summary>Answers <c>PURGE</c>: 403 unless the connection comes from loopback or a listed network; 400 with the reason; 200 once it is applied.</summary>
internal sealed class PurgePort(PurgeIndex purges, PurgeNetworks networks, OwnAnswers own, TimeProvider time)
{
    private static readonly CacheStatus Status = CacheStatus.Forwarded(Forward.None, "purge");

    public Task AnswerAsync(HttpContext context)
    {
        // The connection's own address: no forwarded field may open this door.
        if (!networks.Allow(context.Connection.RemoteIpAddress))
            return own.SendAsync(context, StatusCodes.Status403Forbidden, Status, ProxyStatus.RequestDenied, "PURGE is allowed from loopback and from DistCache:Purge:AllowedNetworks only.");
        if (PurgeRequest.Read(context.Request, out var error) is not { } purge)
            return own.SendAsync(context, StatusCodes.Status400BadRequest, Status, ProxyStatus.RequestError, error);
        var position = purges.Apply(purge.Selectors, purge.Mode, time.GetTimestamp());
        return AnswerAsync(context, position, purge.Mode);
    }

    private static Task AnswerAsync(HttpContext context, long position, PurgeMode mode)
    {
        var body = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{{\"status\":\"ok\",\"position\":{position},\"mode\":\"{(mode is PurgeMode.Soft ? "soft" : "hard")}\"}}\n"));
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body).AsTask();
    }
}
