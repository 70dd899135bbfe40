using System.Net;
using System.Net.Sockets;
using System.Text;
using DistCache.Proxy.Origins;

namespace DistCache.Proxy.Hops;

/// <summary>Connections to other nodes: bounded in number, made soon or not at all, field values byte for byte.</summary>
internal sealed class HopConnections(OriginOptions options) : IDisposable
{
    private const int MostPings = 2;

    /// <summary>Around the world and back, three times over for TLS, and more: a region that takes longer is cut off.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    private readonly HttpMessageInvoker _nodes = Make(options, options.MaxConnections);
    private readonly HttpMessageInvoker _pings = Make(options, MostPings);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel) => _nodes.SendAsync(request, cancel);

    public Task<HttpResponseMessage> PingAsync(HttpRequestMessage request, CancellationToken cancel) => _pings.SendAsync(request, cancel);

    /// <summary>What a request throws that the node, or the way to it, is to blame for. SocketsHttpHandler lets a SocketException through where a new connection is reset before it has looked at its end (.NET 10.0.12).</summary>
    public static bool IsFailure(Exception e) => e is HttpRequestException or IOException or SocketException or OperationCanceledException;

    public void Dispose()
    {
        _nodes.Dispose();
        _pings.Dispose();
    }

    private static HttpMessageInvoker Make(OriginOptions options, int most) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = options.ConnectTimeout < ConnectTimeout ? options.ConnectTimeout : ConnectTimeout,
        PooledConnectionLifetime = EdgeHttpClientFactory.ConnectionLifetime,
        MaxConnectionsPerServer = most,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
    });
}
