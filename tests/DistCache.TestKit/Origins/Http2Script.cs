using System.Globalization;

namespace DistCache.TestKit;

/// <summary>What an HTTP/2 origin does with one stream.</summary>
public sealed class Http2Script
{
    private readonly List<Func<Http2OriginConnection, OriginRequest, int, CancellationToken, Task<bool>>> _steps = [];

    /// <summary>A whole answer with Content-Length, END_STREAM on its last frame.</summary>
    public static Http2Script Ok(byte[] body, params string[] fieldLines) => new Http2Script()
        .Head(200, [.. fieldLines, $"content-length: {body.Length.ToString(CultureInfo.InvariantCulture)}"])
        .Data(body)
        .End();

    /// <summary>HEADERS without END_STREAM. Field lines as <c>name: value</c>, in lower case (RFC 9113 §8.2.1).</summary>
    public Http2Script Head(int status, params string[] fieldLines)
    {
        FieldLine[] fields = [new(":status", status.ToString(CultureInfo.InvariantCulture)), .. fieldLines.Select(FieldLine.Parse)];
        return Send((connection, stream, cancellation) => connection.Wire.SendHeadersAsync(stream, fields, endStream: false, cancellation));
    }

    /// <summary>DATA without END_STREAM, within the peer's windows.</summary>
    public Http2Script Data(byte[] bytes) => Add(async (connection, request, stream, cancellation) =>
    {
        var sent = bytes.Length == 0 || await connection.Wire.SendDataAsync(stream, bytes, endStream: false, cancellation);
        request.AddSent(sent ? bytes.Length : 0);
        return sent;
    });

    /// <summary>An empty DATA with END_STREAM.</summary>
    public Http2Script End() => Send((connection, stream, cancellation) =>
        connection.Wire.SendAsync(Http2Frame.Data(stream, [], endStream: true), cancellation));

    /// <summary>HEADERS with END_STREAM after the body (RFC 9113 §8.1).</summary>
    public Http2Script Trailers(params string[] fieldLines) => Send((connection, stream, cancellation) =>
        connection.Wire.SendHeadersAsync(stream, fieldLines.Select(FieldLine.Parse), endStream: true, cancellation));

    public Http2Script ResetStream(Http2Error error) => Send((connection, stream, cancellation) =>
        connection.Wire.SendAsync(Http2Frame.RstStream(stream, error), cancellation));

    /// <summary>GOAWAY that names <paramref name="lastStreamId"/> as the last stream (0: none of them was processed).</summary>
    public Http2Script GoAway(Http2Error error, int lastStreamId = 0) => Send((connection, _, cancellation) =>
        connection.Wire.SendAsync(Http2Frame.GoAway(lastStreamId, error), cancellation));

    /// <summary>Any frame, made for the stream's id.</summary>
    public Http2Script Frame(Func<int, Http2Frame> frame) => Send((connection, stream, cancellation) =>
        connection.Wire.SendAsync(frame(stream), cancellation));

    public Http2Script Wait(Gate gate) => Send((_, _, cancellation) => gate.PassAsync(cancellation));

    /// <summary>FIN of the connection.</summary>
    public Http2Script CloseConnection() => Send((connection, _, _) => connection.CloseAsync());

    /// <summary>RST of the connection.</summary>
    public Http2Script ResetConnection() => Send((connection, _, _) => connection.ResetAsync());

    internal async Task PlayAsync(Http2OriginConnection connection, OriginRequest request, int streamId, CancellationToken cancellation)
    {
        foreach (var step in _steps)
            if (!await step(connection, request, streamId, cancellation))
                return;
    }

    private Http2Script Send(Func<Http2OriginConnection, int, CancellationToken, Task> step) =>
        Add(async (connection, _, stream, cancellation) =>
        {
            await step(connection, stream, cancellation);
            return true;
        });

    private Http2Script Add(Func<Http2OriginConnection, OriginRequest, int, CancellationToken, Task<bool>> step)
    {
        _steps.Add(step);
        return this;
    }
}
