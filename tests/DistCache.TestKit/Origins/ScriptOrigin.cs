namespace DistCache.TestKit;

/// <summary>
/// An HTTP/1 origin on 127.0.0.1 that logs the exact bytes of every request and answers by scripts. It adds nothing to an answer: what
/// a script sends is what the edge gets, right or wrong. A target without a route is answered 404.
/// </summary>
public sealed class ScriptOrigin : IAsyncDisposable
{
    private readonly OriginRoutes<Script> _routes = new(request =>
        Answers.WithLength("404 Not Found", request.Method == "HEAD" ? [] : Latin1.Bytes("no route"), "Cache-Control: no-store"));

    private readonly OriginListener _listener;

    private ScriptOrigin(int port) => _listener = new OriginListener(
        port, (index, socket, cancellation) => new OriginConnection(index, socket, _routes, Log).ServeAsync(cancellation));

    public int Port => _listener.Port;

    public Uri Url => new($"http://127.0.0.1:{Port}");

    /// <summary>Connections accepted so far.</summary>
    public int Connections => _listener.Accepted;

    public RequestLog Log { get; } = new();

    /// <summary>What is done with targets that have no route of their own.</summary>
    public OriginRoute<Script> Others => _routes.Others;

    /// <param name="port">0 for a free one.</param>
    public static ScriptOrigin Start(int port = 0) => new(port);

    /// <summary>The route of one target: with a query, that query only; without, every query.</summary>
    public OriginRoute<Script> On(string target) => _routes.On(target);

    /// <summary>The requests for one target, in order.</summary>
    public IReadOnlyList<OriginRequest> Requests(string target) => Log.For(target);

    /// <summary>Stops listening and closes what is open.</summary>
    public ValueTask DisposeAsync() => _listener.DisposeAsync();
}
