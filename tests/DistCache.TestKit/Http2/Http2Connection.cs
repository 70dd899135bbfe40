using System.Buffers.Binary;
using System.Net.Sockets;

namespace DistCache.TestKit;

/// <summary>
/// Frames of either side over one byte stream: reads, decodes, keeps the windows, and logs. It answers SETTINGS and PING and gives
/// window back, and does nothing else on its own.
/// </summary>
internal sealed class Http2Connection(Stream stream) : IAsyncDisposable
{
    private readonly ByteFeed _feed = new(stream);
    private readonly HpackDecoder _decoder = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Http2Stream> _streams = [];
    private readonly List<Http2Frame> _frames = [];
    private readonly List<byte> _block = [];
    private long _sendWindow = 65535;
    private long _peerInitialWindow = 65535;
    private Http2Frame? _blockStart;

    public Pulse Changed { get; } = new();

    /// <summary>Gives the peer window back as DATA comes. Off: a reader that takes only its first window.</summary>
    public bool ReturnsWindow { get; set; } = true;

    public Http2GoAway? GoAway { get; private set; }

    public ConnectionEnd End { get; private set; }

    /// <summary>Why the reading stopped, where it was neither FIN nor RST.</summary>
    public WireException? Fault { get; private set; }

    public bool SendFailed { get; private set; }

    /// <summary>Called on the reading loop each time a header block is whole.</summary>
    public Action<Http2Stream>? OnBlock { get; set; }

    public IReadOnlyList<Http2Frame> Frames
    {
        get
        {
            lock (_lock)
                return [.. _frames];
        }
    }

    public bool IsOver => End != ConnectionEnd.Open || Fault is not null;

    public Http2Stream Stream(int id)
    {
        lock (_lock)
        {
            if (!_streams.TryGetValue(id, out var found))
                _streams.Add(id, found = new Http2Stream(id, _peerInitialWindow));
            return found;
        }
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await stream.WriteAsync(bytes, cancellation);
            await stream.FlushAsync(cancellation);
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            _feed.NoteSendError(error);
            SendFailed = true;
            Changed.Beat();
        }
        finally
        {
            _writing.Release();
        }
    }

    public Task SendAsync(Http2Frame frame, CancellationToken cancellation = default) => SendAsync(frame.ToBytes(), cancellation);

    /// <summary>HEADERS and as many CONTINUATION as the block needs, in one write: nothing may come between (RFC 9113 §6.10).</summary>
    public Task SendHeadersAsync(int streamId, IEnumerable<FieldLine> fields, bool endStream, CancellationToken cancellation = default)
    {
        const int most = 16384;
        var block = HpackEncoder.Encode(fields);
        var bytes = new List<byte>(
            Http2Frame.Headers(streamId, block[..Math.Min(block.Length, most)], endStream, endHeaders: block.Length <= most).ToBytes());
        for (var at = most; at < block.Length; at += most)
        {
            var piece = block[at..Math.Min(block.Length, at + most)];
            bytes.AddRange(Http2Frame.Continuation(streamId, piece, endHeaders: at + most >= block.Length).ToBytes());
        }

        return SendAsync(bytes.ToArray(), cancellation);
    }

    /// <summary>DATA within the peer's windows (RFC 9113 §5.2); false when the stream or the connection ended first.</summary>
    public async Task<bool> SendDataAsync(int streamId, ReadOnlyMemory<byte> bytes, bool endStream, CancellationToken cancellation)
    {
        var target = Stream(streamId);
        do
        {
            var allowed = 0;
            await Changed.WaitAsync(
                () => bytes.IsEmpty || (allowed = TakeWindow(target, bytes.Length)) > 0 || IsOver || SendFailed || target.ResetCode is not null,
                cancellation);
            if (IsOver || SendFailed || target.ResetCode is not null)
                return false;
            var piece = bytes[..allowed];
            bytes = bytes[allowed..];
            await SendAsync(Http2Frame.Data(streamId, piece.ToArray(), endStream && bytes.IsEmpty), cancellation);
        }
        while (!bytes.IsEmpty);

        return !SendFailed;
    }

    /// <summary>Reads frames until the peer ends or breaks the protocol.</summary>
    public async Task ReadAllAsync(CancellationToken cancellation)
    {
        try
        {
            while (await ReadFrameAsync(cancellation) is { } frame)
            {
                lock (_lock)
                    _frames.Add(frame.Type == Http2FrameType.Data ? frame with { Payload = [] } : frame);
                await TakeAsync(frame, cancellation);
                Changed.Beat();
            }

            End = _feed.End;
        }
        catch (Exception error) when (error is WireException or IndexOutOfRangeException or ArgumentOutOfRangeException or IOException)
        {
            Fault = error as WireException ?? new WireException("A broken frame.", error);
        }
        catch (ObjectDisposedException)
        {
            End = ConnectionEnd.Closed;
        }

        Changed.Beat();
    }

    /// <summary>Skips the client's preface; false when it was not one.</summary>
    public async Task<bool> ReadPrefaceAsync(CancellationToken cancellation)
    {
        if (await ReadExactlyAsync(Http2Frame.Preface.Length, cancellation) is { } preface && preface.AsSpan().SequenceEqual(Http2Frame.Preface))
            return true;
        Fault = new WireException("No HTTP/2 preface.");
        return false;
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        _writing.Dispose();
    }

    private int TakeWindow(Http2Stream target, int wanted)
    {
        lock (_lock)
        {
            var allowed = (int)Math.Clamp(Math.Min(_sendWindow, target.SendWindow), 0, Math.Min(wanted, 16384));
            _sendWindow -= allowed;
            target.SendWindow -= allowed;
            return allowed;
        }
    }

    private async Task<Http2Frame?> ReadFrameAsync(CancellationToken cancellation)
    {
        if (await ReadExactlyAsync(9, cancellation) is not { } head)
            return null;
        var length = (head[0] << 16) | (head[1] << 8) | head[2];
        var payload = length == 0 ? [] : await ReadExactlyAsync(length, cancellation);
        return payload is null
            ? null
            : new Http2Frame(
                (Http2FrameType)head[3],
                (Http2Flags)head[4],
                BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue,
                payload);
    }

    private async Task<byte[]?> ReadExactlyAsync(int count, CancellationToken cancellation)
    {
        while (_feed.Buffered.Length < count)
            if (!await _feed.FillAsync(cancellation))
                return null;
        var bytes = _feed.Buffered[..count].ToArray();
        _feed.Take(count);
        return bytes;
    }

    private Task TakeAsync(Http2Frame frame, CancellationToken cancellation)
    {
        switch (frame.Type)
        {
            case Http2FrameType.Headers:
            case Http2FrameType.Continuation:
                TakeBlock(frame);
                return Task.CompletedTask;
            case Http2FrameType.Data:
                Stream(frame.StreamId).Add(frame.Content, frame.Has(Http2Flags.EndStream));
                return ReturnWindowAsync(frame, cancellation);
            case Http2FrameType.RstStream:
                Stream(frame.StreamId).ResetCode = (Http2Error)frame.NumberAt(0);
                return Task.CompletedTask;
            case Http2FrameType.GoAway:
                GoAway = new Http2GoAway((int)(frame.NumberAt(0) & int.MaxValue), (Http2Error)frame.NumberAt(4), Latin1.Text(frame.Payload.AsSpan(8)));
                return Task.CompletedTask;
            case Http2FrameType.Settings when !frame.Has(Http2Flags.Ack):
                TakeSettings(frame);
                return SendAsync(Http2Frame.SettingsAck, cancellation);
            case Http2FrameType.Ping when !frame.Has(Http2Flags.Ack):
                return SendAsync(frame with { Flags = Http2Flags.Ack }, cancellation);
            case Http2FrameType.WindowUpdate:
                TakeWindowUpdate(frame);
                return Task.CompletedTask;
            default:
                return Task.CompletedTask;
        }
    }

    private void TakeBlock(Http2Frame frame)
    {
        if (frame.Type == Http2FrameType.Headers)
            _blockStart = frame;
        _block.AddRange(frame.Content);
        if (!frame.Has(Http2Flags.EndHeaders))
            return;
        var target = Stream(frame.StreamId);
        target.Add(new FieldLines(_decoder.Decode([.. _block])), _blockStart!.Has(Http2Flags.EndStream));
        _block.Clear();
        OnBlock?.Invoke(target);
    }

    private async Task ReturnWindowAsync(Http2Frame frame, CancellationToken cancellation)
    {
        if (!ReturnsWindow || frame.Payload.Length == 0)
            return;
        await SendAsync(Http2Frame.WindowUpdate(0, frame.Payload.Length), cancellation);
        if (!frame.Has(Http2Flags.EndStream))
            await SendAsync(Http2Frame.WindowUpdate(frame.StreamId, frame.Payload.Length), cancellation);
    }

    private void TakeWindowUpdate(Http2Frame frame)
    {
        var increment = frame.NumberAt(0) & int.MaxValue;
        var target = frame.StreamId == 0 ? null : Stream(frame.StreamId);
        lock (_lock)
        {
            if (target is null)
                _sendWindow += increment;
            else
                target.SendWindow += increment;
        }
    }

    /// <summary>RFC 9113 §6.9.2: a new initial window moves the windows of all open streams by the difference.</summary>
    private void TakeSettings(Http2Frame frame)
    {
        for (var at = 0; at + 6 <= frame.Payload.Length; at += 6)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(frame.Payload.AsSpan(at)) != (ushort)Http2Setting.InitialWindowSize)
                continue;
            lock (_lock)
            {
                var change = frame.NumberAt(at + 2) - _peerInitialWindow;
                _peerInitialWindow += change;
                foreach (var open in _streams.Values)
                    open.SendWindow += change;
            }
        }
    }
}
