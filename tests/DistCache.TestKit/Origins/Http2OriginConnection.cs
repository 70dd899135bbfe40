using System.Net.Sockets;

namespace DistCache.TestKit;

/// <summary>One accepted HTTP/2 connection: every stream plays its own script.</summary>
internal sealed class Http2OriginConnection(int index, Socket socket, OriginRoutes<Http2Script> routes, RequestLog log)
{
    private readonly List<Task> _playing = [];
    private int _requests;

    public Http2Connection Wire { get; } = new(new SocketStream(socket));

    public async Task ServeAsync(CancellationToken cancellation)
    {
        try
        {
            if (!await Wire.ReadPrefaceAsync(cancellation))
                return;
            Wire.OnBlock = stream => Start(stream, cancellation);
            await Wire.SendAsync(Http2Frame.Settings((Http2Setting.MaxConcurrentStreams, 1000)), cancellation);
            await Wire.ReadAllAsync(cancellation);
            await Task.WhenAll(_playing);
        }
        catch (OperationCanceledException)
        {
            // The origin ends with the test.
        }
        finally
        {
            await Task.WhenAll(_playing).ContinueWith(_ => { }, TaskScheduler.Default);
            socket.Dispose();
        }
    }

    public Task CloseAsync()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The peer was first.
        }

        return Task.CompletedTask;
    }

    public Task ResetAsync()
    {
        TcpReset.Send(socket);
        return Task.CompletedTask;
    }

    private void Start(Http2Stream stream, CancellationToken cancellation)
    {
        if (stream.Blocks.Count > 1)
            return; // Trailers of a request.
        var fields = stream.Blocks[0];
        var request = new OriginRequest(
            index, _requests++, fields.Joined(":method") ?? "", fields.Joined(":path") ?? "", "HTTP/2", fields, head: []);
        log.Add(request);
        _playing.Add(Task.Run(() => PlayAsync(stream, request, cancellation), cancellation));
    }

    private async Task PlayAsync(Http2Stream stream, OriginRequest request, CancellationToken cancellation)
    {
        var route = routes.Find(request);
        using var played = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watching = WatchAsync(stream, request, played.Token);
        if (!route.IsEarly)
            await Wire.Changed.WaitAsync(() => stream.Ended || stream.ResetCode is not null || Wire.IsOver, cancellation);
        request.Add([], stream.Body);
        request.IsWhole = stream.Ended;
        if (route.IsEarly || stream.Ended)
            await route.For(request).PlayAsync(this, request, stream.Id, cancellation);
        await played.CancelAsync();
        await watching;
    }

    /// <summary>The edge cancels a stream by RST_STREAM, or leaves with the whole connection.</summary>
    private async Task WatchAsync(Http2Stream stream, OriginRequest request, CancellationToken played)
    {
        try
        {
            await Wire.Changed.WaitAsync(() => stream.ResetCode is not null || Wire.IsOver, played);
            request.Abandon();
        }
        catch (OperationCanceledException)
        {
            // Played to its end.
        }
    }
}
