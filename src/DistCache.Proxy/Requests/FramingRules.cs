using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Requests;

/// <summary>One way to tell where a request ends (RFC 9112 §6). Content-Length itself is checked while it is decoded (<see cref="ContentLengthEncoding"/>).</summary>
internal static class FramingRules
{
    public static RefusalReason Examine(HttpRequest request, HttpMajor http)
    {
        var codings = request.Headers.TransferEncoding;
        if (codings.Count == 0)
            return RefusalReason.None;

        // Kestrel lets the transfer coding win and renames Content-Length to this.
        if (request.Headers.ContainsKey("X-Content-Length") || request.Headers.ContentLength is not null)
            return RefusalReason.LengthAndTransferEncoding;
        if (http is not HttpMajor.OneOne || codings.Count > 1)
            return RefusalReason.TransferEncoding;
        return "chunked".Equals(codings[0], StringComparison.OrdinalIgnoreCase) ? RefusalReason.None : RefusalReason.TransferCodingUnknown;
    }
}
