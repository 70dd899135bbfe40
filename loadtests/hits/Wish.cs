using System.Net;

namespace DistCache.LoadTests.Hits;

/// <summary>What of a stored response a case asks for.</summary>
internal sealed record Wish(string Method, string? Field, HttpStatusCode Status)
{
    public static readonly Wish Whole = new("GET", null, HttpStatusCode.OK);

    /// <summary>Of an empty body: wrk waits for the bytes that Content-Length announces.</summary>
    public static readonly Wish Head = new("HEAD", null, HttpStatusCode.OK);

    public static readonly Wish NotModified = new("GET", $"If-None-Match: {Content.Tag}", HttpStatusCode.NotModified);

    public static readonly Wish NotSatisfiable = new("GET", "Range: bytes=2000000000-", HttpStatusCode.RequestedRangeNotSatisfiable);

    public static Wish Part(int first, int last) => new("GET", FormattableString.Invariant($"Range: bytes={first}-{last}"), HttpStatusCode.PartialContent) { First = first, Length = last - first + 1 };

    public int First { get; private init; }

    /// <summary>Bytes of the body that come.</summary>
    public int Length { get; private init; }

    public ReadOnlySpan<byte> Of(byte[] body) => this == Whole ? body : body.AsSpan(First, Length);
}
