using System.IO.Hashing;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Keys;
using DistCache.Proxy.Policies;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Telemetry;

/// <summary>
/// Around the whole way of a request: the one place where every request is counted, timed and logged, once, however it ended. A hit that
/// nobody listens to costs two look-ups and two additions, and no allocation.
/// </summary>
internal sealed class RequestMeter(RequestDelegate next, EdgeMeter meter, ProxyConfiguration configuration, GeoMeter geo, ClientPlaces places, IEnumerable<IRequestLog> logs, TimeProvider time)
{
    private readonly IRequestLog? _log = logs.SingleOrDefault();

    public Task InvokeAsync(HttpContext context)
    {
        var record = RequestRecord.Begin(context, meter.IsTimed || _log is { IsEnabled: true } ? time.GetTimestamp() : 0, configuration.Revision);
        if (EdgeTrace.Source.HasListeners())
            return TraceAsync(context, record);
        try
        {
            var answering = next(context);
            if (!answering.IsCompletedSuccessfully)
                return WaitAsync(context, record, answering);
        }
        catch
        {
            End(context, record);
            throw;
        }
        End(context, record);
        return Task.CompletedTask;
    }

    private async Task WaitAsync(HttpContext context, RequestRecord record, Task answering)
    {
        meter.WaitBegins();
        try
        {
            await answering;
        }
        finally
        {
            meter.WaitEnds();
            End(context, record);
        }
    }

    private async Task TraceAsync(HttpContext context, RequestRecord record)
    {
        using var span = EdgeTrace.Request(context);
        await WaitAsync(context, record, next(context));
        EdgeTrace.Ended(span, context, record);
    }

    private void End(HttpContext context, RequestRecord record)
    {
        record.End(context, record.StartedAt != 0 ? time.GetTimestamp() : 0);
        var route = context.GetEndpoint()?.Metadata.GetMetadata<RouteCounts>();
        record.Route = route?.Route;
        geo.Count(context);
        meter.Ended(record, route, record.HasStatus ? context.Response.StatusCode : 0);
        if (record.Reader is { } reader && HasNoBody(context.Request))
            reader.RequestEnded();
        if (_log is not { IsEnabled: true } || record.StartedAt == 0)
            return;
        Name(context, record);
        if (places.Options.HasPlaces || !places.Options.TrustedProxies.IsEmpty)
            places.Of(context);
        _log.Ended(context, record);
    }

    /// <summary>Nothing of it is left in the connection: its next byte is the next request's.</summary>
    private static bool HasNoBody(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && request.ContentLength is null or 0 && request.Headers.TransferEncoding.Count == 0 && request.Headers.Upgrade.Count == 0;

    /// <summary>What only a log shows, and a hit need not have known.</summary>
    private static void Name(HttpContext context, RequestRecord record)
    {
        if (EdgeCache.RouteOf(context) is not { Config: { Metadata: PolicyMetadata { Policy: var policy }, RouteId: var routeId } })
            return;
        record.Policy = policy.Name;
        if (record.Outcome is not (CacheOutcome.Pass or CacheOutcome.Refused or CacheOutcome.Purge))
            record.KeyHash = XxHash3.HashToUInt64(KeyWriter.Of(context.Request, routeId, policy.Key.FieldsOf(context.Request)).Bytes);
    }
}
