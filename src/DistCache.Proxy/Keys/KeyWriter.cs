using System.Buffers.Binary;
using System.Text;
using DistCache.Storage.Keys;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Keys;

/// <summary>
/// Writes the cache key of a request: scheme, host, canonical path, query, route, and what the policy adds; each part behind its length (4 bytes, big-endian).
/// The scheme is a part since the origin sees it (X-Forwarded-Proto) and may answer it with a redirect to https; the route is, since
/// routes with other headers or methods may lead the same URL to another origin.
/// </summary>
internal static class KeyWriter
{
    private const int PartOverhead = 4;
    private const int Parts = 5;

    /// <summary>Bytes that <see cref="Write"/> may need.</summary>
    public static int MostBytes(HttpRequest request, string routeId) =>
        (Parts * PartOverhead) +
        3 * (request.Scheme.Length + request.Host.Value!.Length + request.Path.Value!.Length + request.QueryString.Value!.Length + routeId.Length);

    /// <param name="request">After the strict gate: Path and QueryString are the canonical target.</param>
    public static int Write(HttpRequest request, string routeId, Span<byte> buffer)
    {
        var at = WritePart(request.Scheme, buffer);
        at += WritePart(request.Host.Value!, buffer[at..]);
        at += WritePart(request.Path.Value!, buffer[at..]);
        at += WritePart(request.QueryString.Value!, buffer[at..]);
        return at + WritePart(routeId, buffer[at..]);
    }

    public static int MostBytes(HttpRequest request, string routeId, string fields) => MostBytes(request, routeId) + PartOverhead + (3 * fields.Length);

    /// <param name="fields">The policy's own parts (<see cref="KeyRules.FieldsOf"/>); none when empty.</param>
    public static int Write(HttpRequest request, string routeId, string fields, Span<byte> buffer)
    {
        var at = Write(request, routeId, buffer);
        return fields.Length == 0 ? at : at + WritePart(fields, buffer[at..]);
    }

    /// <summary>The same as an object, off the path of hits.</summary>
    public static CacheKey Of(HttpRequest request, string routeId, string fields)
    {
        var buffer = new byte[MostBytes(request, routeId, fields)];
        return new(buffer.AsSpan(0, Write(request, routeId, fields, buffer)));
    }

    private static int WritePart(string part, Span<byte> buffer)
    {
        var length = Encoding.UTF8.GetBytes(part, buffer[PartOverhead..]);
        BinaryPrimitives.WriteInt32BigEndian(buffer, length);
        return PartOverhead + length;
    }
}
