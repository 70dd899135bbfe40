using System.Text;
using Yarp.ReverseProxy.Forwarder;

namespace DistCache.Proxy.Origins;

/// <summary>Connections to origins: field values pass byte for byte, and a changed DNS name is seen within a minute.</summary>
internal sealed class EdgeHttpClientFactory : ForwarderHttpClientFactory
{
    internal static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(1);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.PooledConnectionLifetime = ConnectionLifetime;
        handler.RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1;
        handler.ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1;
    }
}
