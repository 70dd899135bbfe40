using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;

namespace DistCache.TestKit;

/// <summary>
/// An HTTP/2 client by frames of our own, with prior knowledge (RFC 9113 §3.3) or over TLS. Header fields go out exactly as given, in
/// order and without any check; what the peer did is reported, not judged.
/// </summary>
public sealed class RawHttp2Client : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Http2Connection _connection;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _reading;
    private readonly string _scheme;
    private int _lastStreamId = -1;

    private RawHttp2Client(Socket socket, Stream stream)
    {
        _socket = socket;
        _scheme = stream is SslStream ? "https" : "http";
        _connection = new Http2Connection(stream);
        _reading = Task.Run(() => _connection.ReadAllAsync(_stopping.Token));
    }

    /// <summary>How long one call waits for the peer before it throws <see cref="WireException"/>; 30 s.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gives window back as DATA comes; true. Set to false before a request to play a client that stops reading.</summary>
    public bool ReturnsWindow
    {
        get => _connection.ReturnsWindow;
        set => _connection.ReturnsWindow = value;
    }

    /// <summary>The peer's GOAWAY, once it came.</summary>
    public Http2GoAway? GoAway => _connection.GoAway;

    public ConnectionEnd PeerEnd => _connection.End;

    /// <summary>Every frame that came, in order; those of DATA without their payload.</summary>
    public IReadOnlyList<Http2Frame> Frames => _connection.Frames;

    /// <summary>Sends the preface and SETTINGS (with <paramref name="settings"/>), and does not wait for the peer's.</summary>
    public static async Task<RawHttp2Client> ConnectAsync(
        int port, string host = "127.0.0.1", params (Http2Setting Setting, uint Value)[] settings)
    {
        var socket = await RawClient.OpenAsync(port, host, receiveBuffer: null);
        return await StartAsync(new RawHttp2Client(socket, new SocketStream(socket)), settings);
    }

    /// <summary>Over TLS with ALPN h2 and any certificate accepted.</summary>
    public static async Task<RawHttp2Client> ConnectTlsAsync(
        int port, string serverName = "localhost", string host = "127.0.0.1", params (Http2Setting Setting, uint Value)[] settings)
    {
        var socket = await RawClient.OpenAsync(port, host, receiveBuffer: null);
        var tls = await RawClient.TlsAsync(socket, serverName, SslApplicationProtocol.Http2);
        return await StartAsync(new RawHttp2Client(socket, tls), settings);
    }

    /// <summary>The next free stream id: 1, 3, 5 ...</summary>
    public int NewStreamId() => Interlocked.Add(ref _lastStreamId, 2);

    public Task SendAsync(Http2Frame frame) => _connection.SendAsync(frame);

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => _connection.SendAsync(bytes);

    /// <summary>HEADERS, with CONTINUATION where the block is longer than a frame.</summary>
    public Task SendHeadersAsync(int streamId, IEnumerable<FieldLine> fields, bool endStream) =>
        _connection.SendHeadersAsync(streamId, fields, endStream);

    /// <summary>DATA within the peer's windows; false when the stream or the connection ended first.</summary>
    public async Task<bool> SendDataAsync(int streamId, ReadOnlyMemory<byte> bytes, bool endStream)
    {
        using var patience = new CancellationTokenSource(Patience);
        return await _connection.SendDataAsync(streamId, bytes, endStream, patience.Token);
    }

    /// <summary>The usual four pseudo-header fields (RFC 9113 §8.3.1) for a connection without TLS, and more behind them.</summary>
    public static List<FieldLine> Fields(string method, string path, string authority = "test", params string[] fieldLines) =>
    [
        new(":method", method), new(":scheme", "http"), new(":authority", authority), new(":path", path),
        .. fieldLines.Select(FieldLine.Parse),
    ];

    /// <summary>GET with <c>:scheme</c> as the connection is, and <c>:authority</c> "test".</summary>
    public async Task<RawAnswer> GetAsync(string path, params string[] fieldLines) =>
        await ReadAnswerAsync(await StartGetAsync(path, fieldLines));

    /// <summary>Sends what <see cref="GetAsync"/> sends and gives the stream's id.</summary>
    public async Task<int> StartGetAsync(string path, params string[] fieldLines)
    {
        var id = NewStreamId();
        await SendHeadersAsync(id, [new(":method", "GET"), new(":scheme", _scheme), .. Fields("GET", path, "test", fieldLines).Skip(2)], endStream: true);
        return id;
    }

    /// <summary>Sends one request and reads its answer to the end.</summary>
    public async Task<RawAnswer> RequestAsync(IEnumerable<FieldLine> fields, byte[]? body = null, Action<ReadOnlyMemory<byte>>? sink = null)
    {
        var id = NewStreamId();
        await SendHeadersAsync(id, fields, endStream: body is null);
        if (body is not null)
            await SendDataAsync(id, body, endStream: true);
        return await ReadAnswerAsync(id, sink);
    }

    /// <summary>
    /// Waits until the stream ended in any way. <see cref="RawAnswer.Status"/> is 0 where no head came;
    /// <see cref="RawAnswer.Error"/> is the code of RST_STREAM or GOAWAY.
    /// </summary>
    public async Task<RawAnswer> ReadAnswerAsync(int streamId, Action<ReadOnlyMemory<byte>>? sink = null)
    {
        var stream = _connection.Stream(streamId);
        if (sink is not null)
            stream.Sink = sink;
        await WaitAsync(() => stream.Ended || stream.ResetCode is not null || IsRefused(streamId) || _connection.IsOver, $"stream {streamId}");
        return Answer(stream);
    }

    /// <summary>Waits for the answer's head only; null where the stream ended without one.</summary>
    public async Task<RawAnswer?> ReadHeadAsync(int streamId)
    {
        var stream = _connection.Stream(streamId);
        await WaitAsync(
            () => stream.Blocks.Count > 0 || stream.ResetCode is not null || IsRefused(streamId) || _connection.IsOver, $"head of {streamId}");
        return stream.Blocks.Count > 0 ? Answer(stream) : null;
    }

    /// <summary>Body bytes of the stream so far.</summary>
    public long BodyLength(int streamId) => _connection.Stream(streamId).BodyLength;

    public Task WaitForBodyAsync(int streamId, long bytes) =>
        WaitAsync(() => _connection.Stream(streamId).BodyLength >= bytes || _connection.IsOver, $"{bytes} bytes of stream {streamId}");

    /// <summary>Waits until the peer closed the connection.</summary>
    public async Task<ConnectionEnd> ReadEndAsync()
    {
        await WaitAsync(() => _connection.IsOver, "the end");
        return _connection.Fault is { } fault ? throw fault : _connection.End;
    }

    /// <summary>RST of the TCP connection.</summary>
    public void Reset() => TcpReset.Send(_socket);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _connection.DisposeAsync();
        _socket.Dispose();
        await _reading.ContinueWith(_ => { }, TaskScheduler.Default);
        _stopping.Dispose();
    }

    private static async Task<RawHttp2Client> StartAsync(RawHttp2Client client, (Http2Setting, uint)[] settings)
    {
        await client.SendAsync((byte[])[.. Http2Frame.Preface, .. Http2Frame.Settings(settings).ToBytes()]);
        return client;
    }

    private bool IsRefused(int streamId) => GoAway is { } goAway && goAway.LastStreamId < streamId;

    private async Task WaitAsync(Func<bool> condition, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _connection.Changed.WaitAsync(condition, patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new WireException($"{what}: nothing more within {Patience}. Frames: {string.Join("; ", Frames.TakeLast(12))}");
        }
    }

    private RawAnswer Answer(Http2Stream stream)
    {
        var blocks = stream.Blocks;
        var heads = blocks.Where(block => block.Has(":status")).ToList();
        var final = heads.Find(block => StatusOf(block) >= 200);
        return new RawAnswer
        {
            Version = "HTTP/2",
            Status = final is null ? 0 : StatusOf(final),
            Fields = WithoutPseudo(final ?? FieldLines.Empty),
            Interim = [.. heads.TakeWhile(block => StatusOf(block) < 200).Select(Interim)],
            Trailers = blocks.FirstOrDefault(block => !block.Has(":status")) ?? FieldLines.Empty,
            Body = stream.Body,
            BodyLength = stream.BodyLength,
            End = EndOf(stream),
            Error = stream.Ended ? null : stream.ResetCode ?? GoAway?.Error,
        };
    }

    private BodyEnd EndOf(Http2Stream stream) => (stream, _connection) switch
    {
        ({ Ended: true }, _) => BodyEnd.EndStream, // First: RST_STREAM may follow a whole answer (RFC 9113 §8.1).
        ({ ResetCode: not null }, _) => BodyEnd.StreamReset,
        (_, { Fault: not null }) => BodyEnd.Malformed,
        (_, { End: ConnectionEnd.Reset }) => BodyEnd.Reset,
        (_, { End: ConnectionEnd.Closed }) => BodyEnd.Short,
        _ => IsRefused(stream.Id) ? BodyEnd.StreamReset : BodyEnd.Open,
    };

    private static int StatusOf(FieldLines block) => int.Parse(block.All(":status")[0], CultureInfo.InvariantCulture);

    private static FieldLines WithoutPseudo(FieldLines block) => new([.. block.Where(field => !field.Name.StartsWith(':'))]);

    private static RawAnswer Interim(FieldLines block) =>
        new() { Version = "HTTP/2", Status = StatusOf(block), Fields = WithoutPseudo(block), End = BodyEnd.NoBody };
}
