namespace DistCache.Proxy.Requests;

/// <summary>Why the strict gate refused a request. The kebab-case name (<see cref="Refusals.Name"/>) is what Cache-Status, log and metric show.</summary>
public enum RefusalReason
{
    /// <summary>Not refused.</summary>
    None,

    /// <summary>CONNECT (except the WebSocket handshake of RFC 8441) or TRACE: 405.</summary>
    MethodNotAllowed,

    /// <summary>A method with lower-case letters: methods are case-sensitive (RFC 9110 §9.1), and behind us <c>get</c> would become GET. 501.</summary>
    MethodUnknown,

    /// <summary><c>OPTIONS *</c>, or <c>OPTIONS</c> with <c>Max-Forwards: 0</c>: about this server, so this server answers it (RFC 9110 §9.3.7). 204.</summary>
    OptionsOfThisServer,

    /// <summary>Content-Length beside Transfer-Encoding (RFC 9112 §6.3): 400.</summary>
    LengthAndTransferEncoding,

    /// <summary>Transfer-Encoding in HTTP/1.0, in HTTP/2, or on more than one line: 400.</summary>
    TransferEncoding,

    /// <summary>A transfer coding that is not exactly <c>chunked</c> (RFC 9112 §6.1): 501.</summary>
    TransferCodingUnknown,

    /// <summary>A field name that is not a token (RFC 9110 §5.1): 400.</summary>
    FieldName,

    /// <summary>A control character in a field value, or white space around it (RFC 9110 §5.5, RFC 9113 §8.2.1): 400.</summary>
    FieldValue,

    /// <summary>Connection that is no list of tokens, or names a field that is not hop-by-hop (RFC 9110 §7.6.1): 400.</summary>
    Connection,

    /// <summary>No Host, an empty one, or one that is no host and port (RFC 9110 §7.2): 400.</summary>
    Host,

    /// <summary>An absolute-form that names another scheme or authority than the connection and Host: 400.</summary>
    Authority,

    /// <summary>Expect that is not exactly <c>100-continue</c> with a body (RFC 9110 §10.1.1): 417.</summary>
    Expectation,

    /// <summary>GET or HEAD with a body: unkeyed input to the origin (RFC 9110 §9.3.1). 400.</summary>
    FatRequest,

    /// <summary><see cref="TargetError.Form"/>: 400.</summary>
    TargetForm,

    /// <summary><see cref="TargetError.TooLong"/>: 414.</summary>
    TargetTooLong,

    /// <summary><see cref="TargetError.Fragment"/>: 400.</summary>
    TargetFragment,

    /// <summary><see cref="TargetError.Control"/>: 400.</summary>
    TargetControl,

    /// <summary><see cref="TargetError.NonAscii"/>: 400.</summary>
    TargetNonAscii,

    /// <summary><see cref="TargetError.Escape"/>: 400.</summary>
    TargetEscape,
}
