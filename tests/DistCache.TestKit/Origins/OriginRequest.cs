namespace DistCache.TestKit;

/// <summary>One request as the origin got it. Logged when its head is whole; the body grows as it comes.</summary>
public sealed class OriginRequest
{
    private readonly Lock _lock = new();
    private readonly List<byte> _bytes;
    private readonly List<byte> _body = [];
    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sent;

    internal OriginRequest(int connection, int number, string method, string target, string version, FieldLines fields, byte[] head)
    {
        (Connection, Number, Method, Target, Version, Fields) = (connection, number, method, target, version, fields);
        _bytes = [.. head];
    }

    /// <summary>The connection that it came on, counted from 0 in the order of accepting.</summary>
    public int Connection { get; }

    /// <summary>Its place on that connection, counted from 0.</summary>
    public int Number { get; }

    public string Method { get; }

    /// <summary>The request target exactly as sent (<c>:path</c> on HTTP/2).</summary>
    public string Target { get; }

    /// <summary><c>HTTP/1.1</c>, <c>HTTP/1.0</c> or <c>HTTP/2</c>.</summary>
    public string Version { get; }

    /// <summary>In the order of the wire; on HTTP/2 the pseudo-header fields are among them.</summary>
    public FieldLines Fields { get; }

    /// <summary>HTTP/1: head and body exactly as they were on the wire, chunk framing included. Empty on HTTP/2.</summary>
    public byte[] Bytes => Snapshot(_bytes);

    /// <summary><see cref="Bytes"/> as Latin-1.</summary>
    public string Text => Latin1.Text(Bytes);

    /// <summary>The body without its framing.</summary>
    public byte[] Body => Snapshot(_body);

    /// <summary>True once head and body are whole.</summary>
    public bool IsWhole { get; internal set; }

    /// <summary>Bytes of the answer that were given to the socket (HTTP/2: of DATA).</summary>
    public long BytesSent => Interlocked.Read(ref _sent);

    /// <summary>Completes when the peer closes, resets or cancels before the script was played to its end.</summary>
    public Task Abandoned => _abandoned.Task;

    public string? Field(string name) => Fields.Joined(name);

    public override string ToString() => $"#{Connection}.{Number} {Method} {Target} {Version}\n{Fields}";

    internal void Add(ReadOnlySpan<byte> wire, ReadOnlySpan<byte> body)
    {
        lock (_lock)
        {
            _bytes.AddRange(wire);
            _body.AddRange(body);
        }
    }

    internal void AddSent(long bytes) => Interlocked.Add(ref _sent, bytes);

    internal void Abandon() => _abandoned.TrySetResult();

    private byte[] Snapshot(List<byte> bytes)
    {
        lock (_lock)
            return [.. bytes];
    }
}
