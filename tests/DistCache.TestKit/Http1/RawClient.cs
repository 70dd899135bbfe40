using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace DistCache.TestKit;

/// <summary>
/// A TCP client that sends exactly the bytes it is given and reads the answers strictly. Nothing is added, nothing is repaired:
/// pipelining is sending twice before reading, a broken request is written as it is.
/// </summary>
public sealed class RawClient : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly ByteFeed _feed;
    private readonly AnswerReader _reader;
    private AnswerHead? _peeked;

    private RawClient(Socket socket, Stream stream)
    {
        (_socket, _stream) = (socket, stream);
        _feed = new ByteFeed(stream);
        _reader = new AnswerReader(_feed);
    }

    /// <summary>How long one call waits for the peer before it throws <see cref="WireException"/>; 30 s.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What the peer has done with its side, as far as this client has read.</summary>
    public ConnectionEnd PeerEnd => _feed.End;

    /// <summary>True once a send failed because the peer had closed or reset; what it said before can still be read.</summary>
    public bool SendFailed { get; private set; }

    public static Task<RawClient> ConnectAsync(Uri address, int? receiveBuffer = null) =>
        ConnectAsync(address.Port, address.Host, receiveBuffer);

    /// <param name="port">On <paramref name="host"/>.</param>
    /// <param name="host">An address or a name; 127.0.0.1.</param>
    /// <param name="receiveBuffer">Bytes the kernel may hold for a slow reader; null leaves the kernel's own choice.</param>
    /// <param name="from">The address that it comes from, any of 127.0.0.0/8; null leaves the kernel's own choice.</param>
    public static async Task<RawClient> ConnectAsync(int port, string host = "127.0.0.1", int? receiveBuffer = null, string? from = null)
    {
        var socket = await OpenAsync(port, host, receiveBuffer, from);
        return new RawClient(socket, new SocketStream(socket));
    }

    /// <summary>Over TLS with any certificate accepted; ALPN offers http/1.1 only.</summary>
    public static async Task<RawClient> ConnectTlsAsync(int port, string serverName = "localhost", string host = "127.0.0.1")
    {
        var socket = await OpenAsync(port, host, receiveBuffer: null);
        return new RawClient(socket, await TlsAsync(socket, serverName, SslApplicationProtocol.Http11));
    }

    public Task SendAsync(string text) => SendAsync(Latin1.Bytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _stream.WriteAsync(bytes, patience.Token);
            await _stream.FlushAsync(patience.Token);
        }
        catch (IOException error)
        {
            _feed.NoteSendError(error);
            SendFailed = true;
        }
        catch (OperationCanceledException)
        {
            throw new WireException($"The peer did not take {bytes.Length} bytes within {Patience}.");
        }
    }

    /// <summary>Sends a GET with <c>Host: test</c> unless a Host line is among <paramref name="fieldLines"/>, and reads the answer.</summary>
    public Task<RawAnswer> GetAsync(string target, params string[] fieldLines) => RequestAsync("GET", target, fieldLines);

    /// <summary>Sends a request without a body and reads the answer. Field lines are written as <c>Name: value</c>.</summary>
    public async Task<RawAnswer> RequestAsync(string method, string target, params string[] fieldLines)
    {
        await SendAsync(Requests.Text(method, target, fieldLines));
        return await ReadAnswerAsync(method);
    }

    /// <summary>The next answer; throws when the peer ended without one.</summary>
    /// <param name="method">Of the request that it answers: the answer to HEAD has no body.</param>
    /// <param name="sink">Gets the body's bytes in place of <see cref="RawAnswer.Body"/>, for bodies too large to keep.</param>
    public async Task<RawAnswer> ReadAnswerAsync(string method = "GET", Action<ReadOnlyMemory<byte>>? sink = null) =>
        await TryReadAnswerAsync(method, sink)
        ?? throw new WireException($"The peer ended ({PeerEnd}) without an answer.");

    /// <summary>The next answer, or null when the peer closed or reset before its first byte: see <see cref="PeerEnd"/>.</summary>
    public async Task<RawAnswer?> TryReadAnswerAsync(string method = "GET", Action<ReadOnlyMemory<byte>>? sink = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        var peeked = Interlocked.Exchange(ref _peeked, null);
        return await Patiently(patience, async () => (peeked ?? await _reader.ReadHeadAsync(method, patience.Token)) is { } head
            ? await _reader.ReadBodyAsync(head, Rearming(patience, sink), patience.Token)
            : null);
    }

    /// <summary>Only the head of the next answer; read the rest with <see cref="ReadBodyAsync"/> or <see cref="ReadBytesAsync"/>.</summary>
    public async Task<AnswerHead> ReadHeadAsync(string method = "GET")
    {
        using var patience = new CancellationTokenSource(Patience);
        return await Patiently(patience, async () => await _reader.ReadHeadAsync(method, patience.Token))
            ?? throw new WireException($"The peer ended ({PeerEnd}) without an answer.");
    }

    /// <summary>As <see cref="ReadHeadAsync"/>, but the next <see cref="ReadAnswerAsync"/> still returns the whole answer.</summary>
    public async Task<AnswerHead> PeekHeadAsync(string method = "GET") => _peeked ??= await ReadHeadAsync(method);

    public async Task<RawAnswer> ReadBodyAsync(AnswerHead head, Action<ReadOnlyMemory<byte>>? sink = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        return await Patiently(patience, () => _reader.ReadBodyAsync(head, Rearming(patience, sink), patience.Token));
    }

    /// <summary>Exactly <paramref name="count"/> bytes as they are on the wire, fewer only when the peer ended.</summary>
    public async Task<byte[]> ReadBytesAsync(int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        return await Patiently(patience, async () =>
        {
            var bytes = new MemoryStream();
            while (bytes.Length < count && await _feed.ReadSomeAsync(count - (int)bytes.Length, patience.Token) is { IsEmpty: false } some)
                bytes.Write(some.Span);
            return bytes.ToArray();
        });
    }

    /// <summary>Reads until the peer ends and says how; bytes after the last answer are a breach and throw.</summary>
    public async Task<ConnectionEnd> ReadEndAsync()
    {
        var more = await ReadBytesAsync(1);
        return more.Length == 0
            ? PeerEnd
            : throw new WireException($"More bytes where the end was expected: {Latin1.Show(more)}{Latin1.Show(_feed.Buffered.Span)}");
    }

    /// <summary>Sends FIN and keeps reading.</summary>
    public void HalfClose() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends with RST at once; what was sent and not yet delivered is lost with it.</summary>
    public void Reset() => TcpReset.Send(_socket);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _stream.DisposeAsync();
        }
        catch (IOException)
        {
            // TLS says good-bye on a connection that the peer may have reset.
        }

        _socket.Dispose();
    }

    internal static async Task<Socket> OpenAsync(int port, string host, int? receiveBuffer, string? from = null)
    {
        var address = IPAddress.TryParse(host, out var parsed) ? parsed : (await Dns.GetHostAddressesAsync(host))[0];
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } bytes)
            socket.ReceiveBufferSize = bytes; // Before connect: the window scale is settled in the handshake.
        try
        {
            if (from is not null)
                socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            await socket.ConnectAsync(address, port);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal static async Task<SslStream> TlsAsync(Socket socket, string serverName, SslApplicationProtocol protocol)
    {
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: false));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = serverName,
            ApplicationProtocols = [protocol],
            RemoteCertificateValidationCallback = (_, _, _, _) => true, // The tests' own self-signed certificate on loopback.
        });
        return tls;
    }

    /// <summary>A long body is not silence: every piece starts the wait anew.</summary>
    private Action<ReadOnlyMemory<byte>>? Rearming(CancellationTokenSource patience, Action<ReadOnlyMemory<byte>>? sink) => sink is null
        ? null
        : bytes =>
        {
            patience.CancelAfter(Patience);
            sink(bytes);
        };

    private async Task<T> Patiently<T>(CancellationTokenSource patience, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new WireException($"The peer was silent for {Patience}. Unread: {Latin1.Show(_feed.Buffered.Span)}");
        }
    }
}
