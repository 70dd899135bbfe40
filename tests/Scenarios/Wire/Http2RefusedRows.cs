using DistCache.TestKit;

namespace DistCache.Scenarios.Wire;

/// <summary>HTTP/2 requests that no origin may see: RFC 9113 §8.1.1 calls them malformed.</summary>
internal static class Http2RefusedRows
{
    public static IReadOnlyList<Http2RefusedRow> All { get; } =
    [
        new("CR LF in a name, RFC 9113 §8.2.1", Get(new FieldLine("x\r\ny", "z"))),
        new("a space in a name", Get(new FieldLine("x y", "z"))),
        new("a colon in a name", Get(new FieldLine("x:y", "z"))),
        new("an upper-case name, RFC 9113 §8.2.1", Get(new FieldLine("X-Upper", "z"))),
        new("an empty name", Get(new FieldLine("", "z")), 400),
        new("CR LF in a value", Get(new FieldLine("x", "a\r\nInjected: b"))),
        new("NUL in a value", Get(new FieldLine("x", "a\0b"))),
        new("BEL in a value", Get(new FieldLine("x", "a\x07z"))),
        new("CR LF in :path", Request(":path", "/row\r\nInjected: b"), 400),
        new("a space in :path", Request(":path", "/row HTTP/1.1"), 400),
        new("a bad escape in :path", Request(":path", "/row%zz"), 400),
        new("a fragment in :path", Request(":path", "/row#x"), 400),
        new("an empty :path, RFC 9113 §8.3.1", Request(":path", ""), 400),
        new("a :path without a slash", Request(":path", "row"), 400),
        new("a :path of absolute-form", Request(":path", "http://a/row"), 400),
        new("transfer-encoding, RFC 9113 §8.2.2", Post(new FieldLine("transfer-encoding", "chunked")), Body: "a"),
        new("connection, RFC 9113 §8.2.2", Get(new FieldLine("connection", "close"))),
        new("keep-alive, RFC 9113 §8.2.2", Get(new FieldLine("keep-alive", "timeout=5")), 400),
        new("proxy-connection, RFC 9113 §8.2.2", Get(new FieldLine("proxy-connection", "close")), 400),
        new("upgrade, RFC 9113 §8.2.2", Get(new FieldLine("upgrade", "websocket")), 400),
        new("te: gzip, RFC 9113 §8.2.2", Get(new FieldLine("te", "gzip"))),
        new("no :authority and no host", Request(":authority", null), 400),
        new("an empty :authority", Request(":authority", ""), 400),
        new(":authority and host that disagree, RFC 9113 §8.3.1", Get(new FieldLine("host", "other")), 400),
        new("userinfo in :authority, RFC 9113 §8.3.1", Request(":authority", "u@test"), 400),
        new(":method get", Request(":method", "get"), 501),
        new(":method TRACE", Request(":method", "TRACE"), 405),
        new(":method with a space", Request(":method", "GET /x"), 400),
        new("no :method", Request(":method", null)),
        new("a CONNECT, RFC 9113 §8.5", [new(":method", "CONNECT"), new(":authority", "a:443")], 405),
        new(":scheme that is not the connection's", Request(":scheme", "ftp"), 400),
        new("a pseudo-header field that nobody knows", Get(new FieldLine(":unknown", "x"))),
        new("a pseudo-header field after a field", [.. Get(new FieldLine("x", "y")), new FieldLine(":path", "/other")]),
        new(":path twice", [new(":method", "GET"), new(":scheme", "https"), new(":authority", "test"), new(":path", "/row"), new(":path", "/other")]),
        new("content-length: +1", Post(new FieldLine("content-length", "+1")), Body: "a"),
        new("content-length that is more than the body, RFC 9113 §8.1.1", Post(new FieldLine("content-length", "5")), Body: "a"),
        new("content-length that is less than the body", Post(new FieldLine("content-length", "1")), Body: "abc"),
        new("a GET with a body (fat GET)", Get(), 400, Body: "a"),
    ];

    private static List<FieldLine> Get(params FieldLine[] more) =>
        [new(":method", "GET"), new(":scheme", "https"), new(":authority", "test"), new(":path", "/row"), .. more];

    private static List<FieldLine> Post(params FieldLine[] more) => [new(":method", "POST"), .. Get(more).Skip(1)];

    /// <summary>A GET with one pseudo-header field replaced, or left out by null.</summary>
    private static List<FieldLine> Request(string name, string? value) =>
        [.. Get().Where(field => field.Name != name || value is not null).Select(field => field.Name == name ? new FieldLine(name, value!) : field)];
}
