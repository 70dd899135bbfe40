namespace DistCache.TestKit;

/// <summary>Status line and fields of an HTTP/1 answer, before its body is read.</summary>
/// <param name="Version"><c>HTTP/1.1</c> or <c>HTTP/1.0</c>.</param>
/// <param name="Status">100 to 999.</param>
/// <param name="Reason">As sent, possibly empty.</param>
/// <param name="Fields">In the order of the wire.</param>
/// <param name="Bytes">The exact bytes, final empty line included.</param>
/// <param name="Interim">Interim answers that came before.</param>
/// <param name="Method">The request's method: HEAD and CONNECT change the framing.</param>
public sealed record AnswerHead(
    string Version, int Status, string Reason, FieldLines Fields, byte[] Bytes, IReadOnlyList<RawAnswer> Interim, string Method)
{
    /// <summary>True where the method or the status forbids a body (RFC 9112 §6.3, 1 and 2).</summary>
    public bool HasNoBody => Method == "HEAD" || Status is < 200 or 204 or 304 || (Method == "CONNECT" && Status is < 300);
}
