namespace DistCache.TestKit;

/// <summary>One answer exactly as it came, on HTTP/1.1 or HTTP/2.</summary>
public sealed record RawAnswer
{
    /// <summary><c>HTTP/1.1</c>, <c>HTTP/1.0</c> or <c>HTTP/2</c>.</summary>
    public required string Version { get; init; }

    public required int Status { get; init; }

    /// <summary>The reason phrase; empty on HTTP/2.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The field lines in order; pseudo-header fields of HTTP/2 are not among them.</summary>
    public required FieldLines Fields { get; init; }

    /// <summary>The body without its framing. Empty when the reader gave the bytes to a sink: see <see cref="BodyLength"/>.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>How many body bytes came, kept or not.</summary>
    public long BodyLength { get; init; }

    public required BodyEnd End { get; init; }

    public FieldLines Trailers { get; init; } = FieldLines.Empty;

    /// <summary>The interim (1xx) answers that came before this one, in order.</summary>
    public IReadOnlyList<RawAnswer> Interim { get; init; } = [];

    /// <summary>HTTP/1: the exact bytes of the head, final empty line included.</summary>
    public byte[] Head { get; init; } = [];

    /// <summary>HTTP/2: the code of RST_STREAM, or of the GOAWAY that ended the connection under this stream.</summary>
    public Http2Error? Error { get; init; }

    /// <summary>A client would take this body for whole.</summary>
    public bool EndedCleanly =>
        End is BodyEnd.NoBody or BodyEnd.Length or BodyEnd.LastChunk or BodyEnd.Close or BodyEnd.EndStream;

    /// <summary>A client could see that this body is not whole.</summary>
    public bool WasCut => End is BodyEnd.Short or BodyEnd.Reset or BodyEnd.StreamReset or BodyEnd.Malformed;

    /// <summary>The body as Latin-1 text.</summary>
    public string Text => Latin1.Text(Body);

    /// <summary>All lines of that name joined by ", ", or null.</summary>
    public string? Field(string name) => Fields.Joined(name);

    public override string ToString() =>
        $"{Version} {Status} {Reason}\n{Fields}\n\n[{BodyLength} bytes, {End}{(Error is { } error ? $", {error}" : "")}] {Latin1.Show(Body)}";
}
