using System.Globalization;
using System.Text;
using Yarp.ReverseProxy.Forwarder;

namespace DistCache.Proxy.Origins;

/// <summary>
/// Connections to origins: field values pass byte for byte, a changed DNS name is seen within a minute, and their number and the time to
/// make one are bounded.
/// </summary>
internal sealed class EdgeHttpClientFactory(OriginOptions options, TimeProvider time) : ForwarderHttpClientFactory
{
    internal static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(1);

    protected override bool CanReuseOldClient(ForwarderHttpClientContext context) =>
        base.CanReuseOldClient(context) && FirstByteTimeout(context.OldMetadata) == FirstByteTimeout(context.NewMetadata);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.PooledConnectionLifetime = ConnectionLifetime;
        handler.ConnectTimeout = options.ConnectTimeout;
        handler.RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1;
        handler.ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1;
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler)
    {
        handler = new OriginHandler((SocketsHttpHandler)handler, Upgrades(context), context.NewConfig.MaxConnectionsPerServer ?? options.MaxConnections)
        {
            FirstByte = FirstByteTimeout(context.NewMetadata),
            Time = time,
        };
        return base.WrapHandler(context, new PromptUploads(handler));
    }

    /// <summary>The same without a bound: an upgraded connection stays for hours and would take the place of requests.</summary>
    private SocketsHttpHandler Upgrades(ForwarderHttpClientContext context)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            UseCookies = false,
            ActivityHeadersPropagator = null,
        };
        ConfigureHandler(context, handler);
        return handler;
    }

    private static TimeSpan? FirstByteTimeout(IReadOnlyDictionary<string, string>? metadata) =>
        metadata is not null && metadata.TryGetValue(OriginTimeouts.FirstByteKey, out var text) ? TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture) : null;
}
