namespace DistCache.TestKit;

/// <summary>What came on one stream: written by the reading loop, read by the test.</summary>
internal sealed class Http2Stream(int id, long sendWindow)
{
    private readonly Lock _lock = new();
    private readonly MemoryStream _body = new();

    public int Id => id;

    /// <summary>The decoded header blocks in order: interim heads, the head, trailers. Replaced whole at each new one.</summary>
    public IReadOnlyList<FieldLines> Blocks { get; private set; } = [];

    public bool Ended { get; private set; }

    public Http2Error? ResetCode { get; set; }

    public long SendWindow { get; set; } = sendWindow;

    public long BodyLength { get; private set; }

    public Action<ReadOnlyMemory<byte>>? Sink { get; set; }

    public byte[] Body
    {
        get
        {
            lock (_lock)
                return _body.ToArray();
        }
    }

    public void Add(FieldLines block, bool endStream)
    {
        Blocks = [.. Blocks, block];
        Ended |= endStream;
    }

    public void Add(ReadOnlySpan<byte> data, bool endStream)
    {
        if (Sink is { } sink)
            sink(data.ToArray());
        else
            lock (_lock)
                _body.Write(data);
        BodyLength += data.Length;
        Ended |= endStream;
    }
}
