namespace DistCache.TestKit;

/// <summary>
/// An HTTP/2 origin with prior knowledge on 127.0.0.1, on the frame code of <see cref="RawHttp2Client"/>: an answer can be cut at any
/// offset by RST_STREAM, GOAWAY or a connection that ends. A target without a route is answered 404.
/// </summary>
public sealed class ScriptHttp2Origin : IAsyncDisposable
{
    private readonly OriginRoutes<Http2Script> _routes = new(_ => new Http2Script().Head(404, "cache-control: no-store").End());
    private readonly OriginListener _listener;

    private ScriptHttp2Origin(int port) => _listener = new OriginListener(
        port, (index, socket, cancellation) => new Http2OriginConnection(index, socket, _routes, Log).ServeAsync(cancellation));

    public int Port => _listener.Port;

    public Uri Url => new($"http://127.0.0.1:{Port}");

    public int Connections => _listener.Accepted;

    public RequestLog Log { get; } = new();

    public OriginRoute<Http2Script> Others => _routes.Others;

    /// <param name="port">0 for a free one.</param>
    public static ScriptHttp2Origin Start(int port = 0) => new(port);

    /// <summary>The route of one target: with a query, that query only; without, every query.</summary>
    public OriginRoute<Http2Script> On(string target) => _routes.On(target);

    public IReadOnlyList<OriginRequest> Requests(string target) => Log.For(target);

    public ValueTask DisposeAsync() => _listener.DisposeAsync();
}
