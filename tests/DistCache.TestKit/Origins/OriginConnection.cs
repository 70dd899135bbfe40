using System.Globalization;
using System.Net.Sockets;

namespace DistCache.TestKit;

/// <summary>One accepted HTTP/1 connection: reads requests leniently, keeps every byte, and plays the scripts.</summary>
internal sealed class OriginConnection(int index, Socket socket, OriginRoutes<Script> routes, RequestLog log)
{
    private readonly ByteFeed _feed = new(new SocketStream(socket));

    public async Task ServeAsync(CancellationToken cancellation)
    {
        try
        {
            for (var number = 0; await ReadHeadAsync(number, cancellation) is { } request; number++)
            {
                log.Add(request);
                var route = routes.Find(request);
                if (!(route.IsEarly || await ReadBodyAsync(request, cancellation)))
                    return;
                if (!await PlayAsync(route.For(request), request, cancellation))
                    return;
                if (route.IsEarly && !await ReadBodyAsync(request, cancellation))
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            // The origin ends with the test.
        }
        finally
        {
            socket.Dispose();
        }
    }

    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;)
                sent += await socket.SendAsync(bytes[sent..], cancellation);
            return true;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>FIN after all bytes; then takes what still comes, so that closing does not turn into RST.</summary>
    public void Close()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The peer was first.
        }
    }

    public void Reset() => TcpReset.Send(socket);

    /// <summary>While the script plays, the other direction is watched: a peer that leaves is seen at once.</summary>
    private async Task<bool> PlayAsync(Script script, OriginRequest request, CancellationToken cancellation)
    {
        using var played = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watching = WatchAsync(request, played.Token);
        var open = await script.PlayAsync(this, request, cancellation);
        await played.CancelAsync();
        await watching;
        return open;
    }

    private async Task WatchAsync(OriginRequest request, CancellationToken played)
    {
        try
        {
            while (await _feed.FillAsync(played))
            {
                // The rest of a body, or the next request: it stays in the feed.
            }

            request.Abandon();
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            // Played to its end.
        }
    }

    private async Task<OriginRequest?> ReadHeadAsync(int number, CancellationToken cancellation)
    {
        int end;
        while ((end = HeadEnd(_feed.Buffered.Span)) < 0)
            if (!await _feed.FillAsync(cancellation))
                return null;
        var head = _feed.Buffered[..end].ToArray();
        _feed.Take(end);
        return Parse(number, head);
    }

    /// <summary>The empty line, also by bare LF: an origin that overlooked one could not show that the edge sent it.</summary>
    private static int HeadEnd(ReadOnlySpan<byte> bytes)
    {
        var strict = bytes.IndexOf("\n\r\n"u8);
        var bare = bytes.IndexOf("\n\n"u8);
        return (strict, bare) switch
        {
            ( < 0, < 0) => -1,
            (_, < 0) => strict + 3,
            ( < 0, _) => bare + 2,
            _ => Math.Min(strict + 3, bare + 2),
        };
    }

    private OriginRequest Parse(int number, byte[] head)
    {
        var lines = Latin1.Text(head).Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
        var parts = lines[0].Split(' ');
        var fields = lines.Skip(1).Where(line => line.IndexOf(':', StringComparison.Ordinal) > 0).Select(FieldLine.Parse);
        return new OriginRequest(
            index, number, parts[0], parts.Length > 1 ? string.Join(' ', parts[1..^1]) : "", parts[^1], new FieldLines([.. fields]), head);
    }

    private async Task<bool> ReadBodyAsync(OriginRequest request, CancellationToken cancellation)
    {
        request.IsWhole = request.Field("Transfer-Encoding") is null
            ? await CopyAsync(request, Length(request), cancellation)
            : await ReadChunksAsync(request, cancellation);
        if (!request.IsWhole)
            request.Abandon();
        return request.IsWhole;
    }

    private static long Length(OriginRequest request) =>
        long.TryParse(request.Fields.All("Content-Length").FirstOrDefault(), CultureInfo.InvariantCulture, out var length) ? length : 0;

    private async Task<bool> ReadChunksAsync(OriginRequest request, CancellationToken cancellation)
    {
        while (await ReadLineAsync(request, cancellation) is { } line)
        {
            if (!long.TryParse(line.Split(';')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size))
                return false;
            if (size == 0)
                return await ReadTrailersAsync(request, cancellation);
            if (!await CopyAsync(request, size, cancellation) || await ReadLineAsync(request, cancellation) is null)
                return false;
        }

        return false;
    }

    private async Task<bool> ReadTrailersAsync(OriginRequest request, CancellationToken cancellation)
    {
        while (await ReadLineAsync(request, cancellation) is { } line)
            if (line.Length == 0)
                return true;
        return false;
    }

    private async Task<string?> ReadLineAsync(OriginRequest request, CancellationToken cancellation)
    {
        int end;
        while ((end = _feed.Buffered.Span.IndexOf((byte)'\n')) < 0)
            if (!await _feed.FillAsync(cancellation))
                return null;
        var line = _feed.Buffered[..(end + 1)];
        request.Add(line.Span, []);
        _feed.Take(end + 1);
        return Latin1.Text(line.Span).TrimEnd('\n').TrimEnd('\r');
    }

    private async Task<bool> CopyAsync(OriginRequest request, long count, CancellationToken cancellation)
    {
        for (var left = count; left > 0;)
        {
            var some = await _feed.ReadSomeAsync((int)Math.Min(left, 1 << 20), cancellation);
            if (some.IsEmpty)
                return false;
            request.Add(some.Span, some.Span);
            left -= some.Length;
        }

        return true;
    }
}
