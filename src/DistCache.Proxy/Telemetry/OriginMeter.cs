using DistCache.Proxy.Delivery;
using DistCache.Proxy.Origins;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace DistCache.Proxy.Telemetry;

/// <summary>Around every exchange with an origin, in YARP's own pipeline: fills on their own contexts, passes on their client's.</summary>
internal sealed class OriginMeter(RequestDelegate next, EdgeMeter meter, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var isFill = context.Features.Get<OriginExchange>() is not null;
        var exchange = Begin(context);
        using var span = isFill && EdgeTrace.Source.HasListeners() ? EdgeTrace.Fill(context, exchange) : null;
        if (isFill)
            meter.FillBegins();
        try
        {
            await next(context);
        }
        finally
        {
            if (isFill)
                meter.FillEnds();
            var error = ErrorOf(context);
            EdgeTrace.Ended(span, exchange, error);
            meter.OriginAnswered(exchange, error);
        }
    }

    private OriginRecord Begin(HttpContext context)
    {
        if (context.Features.Get<OriginRecord>() is not { } exchange)
            context.Features.Set(exchange = new());
        if (RequestRecord.Of(context) is { } request)
            request.Origin = exchange;
        exchange.Cluster = context.GetReverseProxyFeature().Cluster.Config.ClusterId;
        (exchange.StartedAt, exchange.HeadAt, exchange.Status) = (time.GetTimestamp(), 0, 0);
        return exchange;
    }

    private static string? ErrorOf(HttpContext context) =>
        context.Features.Get<IForwarderErrorFeature>() is { Error: not ForwarderError.None } error ? ProxyStatus.ErrorOf(error.Error, error.Exception) : null;
}
