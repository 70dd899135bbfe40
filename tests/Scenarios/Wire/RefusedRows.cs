namespace DistCache.Scenarios.Wire;

/// <summary>HTTP/1.1 requests that no origin may see. Behind each a second request is pipelined: a confused edge would answer it.</summary>
internal static class RefusedRows
{
    private const string Next = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

    public static IReadOnlyList<RefusedRow> All { get; } =
    [
        // Framing, RFC 9112 §6.
        new("Content-Length and Transfer-Encoding together, RFC 9112 §6.1", Post("Content-Length: 5", "Transfer-Encoding: chunked") + "0\r\n\r\n", [400]),
        new("Transfer-Encoding first, then Content-Length", Post("Transfer-Encoding: chunked", "Content-Length: 5") + "0\r\n\r\n", [400]),
        new("a client's own X-Content-Length beside both", Post("Content-Length: 5", "X-Content-Length: 5", "Transfer-Encoding: chunked") + "0\r\n\r\n", [400], MayDrop: true),
        new("Transfer-Encoding: identity, chunked", Post("Transfer-Encoding: identity, chunked") + "0\r\n\r\n", [400, 501]),
        new("Transfer-Encoding: gzip, chunked", Post("Transfer-Encoding: gzip, chunked") + "0\r\n\r\n", [400, 501]),
        new("Transfer-Encoding: chunked,", Post("Transfer-Encoding: chunked,") + "0\r\n\r\n", [400, 501]),
        new("Transfer-Encoding: chunked, chunked", Post("Transfer-Encoding: chunked, chunked") + "0\r\n\r\n", [400, 501]),
        new("Transfer-Encoding: xchunked", Post("Transfer-Encoding: xchunked") + "0\r\n\r\n", [400, 501]),
        new("Transfer-Encoding twice", Post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked") + "0\r\n\r\n", [400]),
        new("Transfer-Encoding in HTTP/1.0, RFC 9112 §6.1", "POST /row HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [400]),
        new("Content-Length: +1, RFC 9110 §8.6", Post("Content-Length: +1") + "a", [400]),
        new("Content-Length: 0x1", Post("Content-Length: 0x1") + "a", [400]),
        new("Content-Length: -1", Post("Content-Length: -1") + "a", [400]),
        new("Content-Length: 1, 1", Post("Content-Length: 1, 1") + "a", [400]),
        new("Content-Length with a vertical tab before it", Post("Content-Length: \x0b1") + "a", [400]),
        new("Content-Length twice and different", Post("Content-Length: 1", "Content-Length: 2") + "a", [400]),
        new("Content-Length beyond 64 bits", Post("Content-Length: 99999999999999999999") + "a", [400]),
        new("space before the colon, RFC 9112 §5.1", Post("Content-Length : 1") + "a", [400]),

        // Lines, RFC 9112 §2.2 and §5.2.
        new("bare LF after the request line", "GET /row HTTP/1.1\nHost: h\r\n\r\n", [400]),
        new("bare LF after a field line", "GET /row HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", [400]),
        new("bare LF as the empty line", "GET /row HTTP/1.1\r\nHost: h\r\n\n", [400]),
        new("bare CR in a field value", "GET /row HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", [400]),
        new("obs-fold", "GET /row HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", [400]),
        new("bare LF after a chunk size", Post("Transfer-Encoding: chunked") + "1\na\r\n0\r\n\r\n", [400], MayStart: true),
        new("bare LF in a chunk extension", Post("Transfer-Encoding: chunked") + "1;x\na\r\n0\r\n\r\n", [400], MayStart: true),
        new("bare LF after a chunk's data", Post("Transfer-Encoding: chunked") + "1\r\na\n0\r\n\r\n", [400], MayStart: true),
        new("bare LF in trailers", Post("Transfer-Encoding: chunked") + "1\r\na\r\n0\r\nX: y\n\r\n", [400], MayStart: true),
        new("a chunk size that is no number", Post("Transfer-Encoding: chunked") + "zz\r\na\r\n0\r\n\r\n", [400], MayStart: true),
        new("a chunk size with a sign", Post("Transfer-Encoding: chunked") + "+1\r\na\r\n0\r\n\r\n", [400], MayStart: true),
        new("a chunk size beyond 64 bits", Post("Transfer-Encoding: chunked") + "11111111111111111\r\na\r\n0\r\n\r\n", [400], MayStart: true),

        // Fields, RFC 9110 §5.
        new("BEL in a field value", Get("X: a\x07z"), [400]),
        new("NUL in a field value", Get("X: a\0z"), [400]),
        new("DEL in a field value", Get("X: a\x7Fz"), [400]),
        new("a parenthesis in a field name", Get("X(: y"), [400]),
        new("a space in a field name", Get("X Y: z"), [400]),
        new("an empty field name", Get(": y"), [400]),

        // Host, RFC 9112 §3.2 and RFC 9110 §7.2.
        new("an empty Host", "GET /row HTTP/1.1\r\nHost:\r\n\r\n", [400]),
        new("no Host", "GET /row HTTP/1.1\r\nX: y\r\n\r\n", [400]),
        new("two Host lines", "GET /row HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", [400]),
        new("userinfo in Host", "GET /row HTTP/1.1\r\nHost: u@a\r\n\r\n", [400]),
        new("a path in Host", "GET /row HTTP/1.1\r\nHost: a/b\r\n\r\n", [400]),
        new("absolute-form that disagrees with Host", "GET http://a/row HTTP/1.1\r\nHost: b\r\n\r\n", [400]),
        new("absolute-form with an empty Host", "GET http://a/row HTTP/1.1\r\nHost:\r\n\r\n", [400]),

        // Methods, RFC 9110 §9.
        new("CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", [405], Closes: false),
        new("TRACE", "TRACE /row HTTP/1.1\r\nHost: h\r\nCookie: secret\r\n\r\n", [405], Closes: false),
        new("get", "get /row HTTP/1.1\r\nHost: h\r\n\r\n", [400, 501], Closes: false),
        new("GeT", "GeT /row HTTP/1.1\r\nHost: h\r\n\r\n", [400, 501], Closes: false),
        new("a GET with a body (fat GET)", $"GET /row HTTP/1.1\r\nHost: h\r\nContent-Length: {Next.Length}\r\n\r\n", [400]),
        new("a GET with a chunked body", "GET /row HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", [400]),
        new("a HEAD with a body", $"HEAD /row HTTP/1.1\r\nHost: h\r\nContent-Length: {Next.Length}\r\n\r\n", [400]),

        // Expect, RFC 9110 §10.1.1.
        new("Expect: y 100-continue", Post("Content-Length: 1", "Expect: y 100-continue"), [417], Closes: false),
        new("Expect on a GET", Get("Expect: 100-continue"), [417], Closes: false),
        new("Expect: 100-continue twice", Post("Content-Length: 1", "Expect: 100-continue, 100-continue"), [417], Closes: false),

        // Connection, RFC 9110 §7.6.1.
        new("Connection names Host", Get("Connection: Host"), [400]),
        new("Connection names Authorization", Get("Connection: close, Authorization", "Authorization: x"), [400]),
        new("Connection names Cookie", Get("Connection: X-Foo, Cookie", "Cookie: a=b"), [400]),
        new("Connection names Cookie on a second line", Get("Connection: Cookie", "Connection: keep-alive", "Cookie: a=b"), [400]),
        new("Connection names X-Forwarded-For", Get("Connection: X-Forwarded-For", "X-Forwarded-For: 1.2.3.4"), [400]),

        // Targets, RFC 3986 §2.1 and §3.5.
        new("a fragment", GetTarget("/row#x.css"), [400]),
        new("a bad escape in the path", GetTarget("/row%zz"), [400]),
        new("a cut escape in the path", GetTarget("/row%a"), [400]),
        new("an escaped CR LF in the path", GetTarget("/row%0d%0aX:%20y"), [400]),
        new("an escaped NUL in the path", GetTarget("/row%00"), [400]),
        new("an escaped DEL in the path", GetTarget("/row%7f"), [400]),
        new("raw bytes outside ASCII in the path", GetTarget("/row\xC3\xA9"), [400]),
        new("raw bytes outside ASCII in the query", GetTarget("/row?\xC3\xA9"), [400]),

        // Sizes: lower than any origin's own limit.
        new("101 fields", Get([.. Enumerable.Range(0, 100).Select(i => $"X-{i}: y")]), [431]),
        new("33 KB of fields", Get($"X: {new string('y', 33 * 1024)}"), [431]),
        new("a path of 9 KB", GetTarget("/row" + new string('p', 9 * 1024)), [414]),
    ];

    private static string Post(params string[] fieldLines) => Request("POST", "/row", fieldLines);

    private static string Get(params string[] fieldLines) => Request("GET", "/row", fieldLines);

    private static string GetTarget(string target) => Request("GET", target, []);

    private static string Request(string method, string target, string[] fieldLines) =>
        $"{method} {target} HTTP/1.1\r\nHost: h\r\n{string.Concat(fieldLines.Select(line => line + "\r\n"))}\r\n";

    public static string WithNext(RefusedRow row) => row.Bytes + Next;
}
