namespace DistCache.TestKit;

/// <summary>How the end of an answer's body was told (RFC 9112 §6.3 and §8, RFC 9113 §8.1).</summary>
public enum BodyEnd
{
    /// <summary>Still open: the reader stopped before the end.</summary>
    Open,

    /// <summary>No body by the method or the status: HEAD, 1xx, 204, 304.</summary>
    NoBody,

    /// <summary>All bytes of Content-Length came.</summary>
    Length,

    /// <summary>The last chunk and the trailer section came.</summary>
    LastChunk,

    /// <summary>No framing at all: the connection was closed in order.</summary>
    Close,

    /// <summary>HTTP/2: END_STREAM.</summary>
    EndStream,

    /// <summary>The connection was closed in order before Content-Length, the last chunk or END_STREAM was reached.</summary>
    Short,

    /// <summary>The connection was reset (TCP RST).</summary>
    Reset,

    /// <summary>HTTP/2: RST_STREAM.</summary>
    StreamReset,

    /// <summary>The framing itself was broken: a bad chunk size, no CR LF after a chunk's data.</summary>
    Malformed,
}
