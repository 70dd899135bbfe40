using DistCache.Proxy.Requests;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Requests;

/// <summary>
/// HTTP/1 requests that must end at the gate. Each row: the clause, the bytes, the status, and our reason (null where Kestrel's own parser
/// answers, without Cache-Status). Behind each one waits a second request, which must never be answered or forwarded.
/// </summary>
public class StrictRequestRefusalTests(GateFixture edge) : IClassFixture<GateFixture>
{
    private const string Get = "GET /refused HTTP/1.1\r\nHost: test\r\n";
    private const string Post = "POST /refused HTTP/1.1\r\nHost: test\r\n";

    public static TheoryData<string, string, int, string?> Rows => new()
    {
        // RFC 9112 §6.3: one way to tell where the request ends.
        { "Content-Length and Transfer-Encoding", Post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "length-and-transfer-encoding" },
        { "Transfer-Encoding and Content-Length", Post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400, "length-and-transfer-encoding" },
        { "9112 §6.1 identity, chunked", Post + "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n", 501, "transfer-coding-unknown" },
        { "9112 §6.1 gzip, chunked", Post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, "transfer-coding-unknown" },
        { "9112 §7 chunked twice in one line", Post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 501, "transfer-coding-unknown" },
        { "empty list element", Post + "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n", 501, "transfer-coding-unknown" },
        { "vertical tab before chunked", Post + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n", 400, null },
        { "two lines of chunked", Post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "transfer-encoding" },
        { "9112 §6.1 Transfer-Encoding in 1.0", "POST /refused HTTP/1.0\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "transfer-encoding" },
        { "transfer-encoding not chunked last", Post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400, null },

        // RFC 9110 §8.6: Content-Length is 1*DIGIT.
        { "plus sign", Post + "Content-Length: +1\r\n\r\nx", 400, null },
        { "minus sign", Post + "Content-Length: -1\r\n\r\nx", 400, null },
        { "vertical tab", Post + "Content-Length: \v1\r\n\r\nx", 400, null },
        { "inner space", Post + "Content-Length: 1 1\r\n\r\nx", 400, null },
        { "list", Post + "Content-Length: 1, 1\r\n\r\nx", 400, null },
        { "empty", Post + "Content-Length:\r\n\r\nx", 400, null },
        { "hexadecimal", Post + "Content-Length: 0x1\r\n\r\nx", 400, null },
        { "twenty-three digits", Post + "Content-Length: 00000000000000000000001\r\n\r\nx", 400, null },
        { "nineteen nines", Post + "Content-Length: 9999999999999999999\r\n\r\nx", 400, null },
        { "Latin-1 superscript digit", Post + "Content-Length: \u00b9\r\n\r\nx", 400, null },
        { "two lengths", Post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400, null },
        { "one length twice", Post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400, null },

        // RFC 9112 §2.2, §5.2: line ends.
        { "bare LF behind the request line", "GET /refused HTTP/1.1\nHost: test\r\n\r\n", 400, null },
        { "bare LF behind a field", "GET /refused HTTP/1.1\r\nHost: test\nX-A: b\r\n\r\n", 400, null },
        { "bare LF as the empty line", "GET /refused HTTP/1.1\r\nHost: test\r\n\n", 400, null },
        { "bare CR in a value", Get + "X-A: b\rX-B: c\r\n\r\n", 400, null },
        { "obs-fold", Get + "X-A: b\r\n c\r\n\r\n", 400, null },
        { "white space before the colon", Get + "X-A : b\r\n\r\n", 400, null },
        { "no colon", Get + "X-A\r\n\r\n", 400, null },
        { "empty name", Get + ": b\r\n\r\n", 400, null },

        // RFC 9110 §5.1, §5.5: names are tokens, values hold no controls.
        { "BEL in a value", Get + "X-A: a\ab\r\n\r\n", 400, "field-value" },
        { "ESC in a known field", Get + "User-Agent: \x1b[2J\r\n\r\n", 400, "field-value" },
        { "DEL in a value", Get + "X-A: a\x7f\r\n\r\n", 400, "field-value" },
        { "NUL in a value", Get + "X-A: a\0b\r\n\r\n", 400, null },
        { "parenthesis in a name", Get + "X(A: b\r\n\r\n", 400, "field-name" },
        { "slash in a name", Get + "X/A: b\r\n\r\n", 400, "field-name" },
        { "quote in a name", Get + "X\"A: b\r\n\r\n", 400, "field-name" },
        { "byte from 0x80 in a name", Get + "X\u00e9: b\r\n\r\n", 400, null },

        // RFC 9110 §7.2: Host.
        { "empty Host", "GET /refused HTTP/1.1\r\nHost: \r\n\r\n", 400, "host" },
        { "no Host", "GET /refused HTTP/1.1\r\n\r\n", 400, null },
        { "no Host in 1.0", "GET /refused HTTP/1.0\r\n\r\n", 400, "host" },
        { "two Hosts", Get + "Host: test\r\n\r\n", 400, null },
        { "port 99999", "GET /refused HTTP/1.1\r\nHost: a:99999\r\n\r\n", 400, "host" },
        { "port 0", "GET /refused HTTP/1.1\r\nHost: a:0\r\n\r\n", 400, "host" },
        { "userinfo", "GET /refused HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, null },
        { "two names", "GET /refused HTTP/1.1\r\nHost: a,b\r\n\r\n", 400, null },
        { "a path", "GET /refused HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, null },
        { "two dots at the end", "GET /refused HTTP/1.1\r\nHost: a..\r\n\r\n", 400, "host" },
        { "9112 §3.2.2 absolute-form of another host", "GET http://other/refused HTTP/1.1\r\nHost: test\r\n\r\n", 400, null },
        { "absolute-form of another scheme", "GET https://test/refused HTTP/1.1\r\nHost: test\r\n\r\n", 400, "authority" },
        { "absolute-form of an unknown scheme", "GET gopher://test/refused HTTP/1.1\r\nHost: test\r\n\r\n", 400, null },

        // RFC 9110 §9: methods.
        { "9110 §9.3.6 CONNECT", "CONNECT test:443 HTTP/1.1\r\nHost: test:443\r\n\r\n", 405, "method-not-allowed" },
        { "9110 §9.3.8 TRACE", "TRACE /refused HTTP/1.1\r\nHost: test\r\nCookie: secret\r\n\r\n", 405, "method-not-allowed" },
        { "9110 §9.1 get", "get /refused HTTP/1.1\r\nHost: test\r\n\r\n", 501, "method-unknown" },
        { "9110 §9.1 GeT", "GeT /refused HTTP/1.1\r\nHost: test\r\n\r\n", 501, "method-unknown" },
        { "9110 §9.1 trace", "trace /refused HTTP/1.1\r\nHost: test\r\n\r\n", 501, "method-unknown" },

        // RFC 3986 and RFC 9112 §3.2: the target.
        { "fragment", "GET /refused#x.css HTTP/1.1\r\nHost: test\r\n\r\n", 400, "target-fragment" },
        { "bad escape", "GET /refused%zz HTTP/1.1\r\nHost: test\r\n\r\n", 400, "target-escape" },
        { "cut escape", "GET /refused% HTTP/1.1\r\nHost: test\r\n\r\n", 400, "target-escape" },
        { "escaped CR LF", "GET /refused%0d%0aX-A:b HTTP/1.1\r\nHost: test\r\n\r\n", 400, "target-control" },
        { "escaped NUL", "GET /refused%00 HTTP/1.1\r\nHost: test\r\n\r\n", 400, null },
        { "escaped DEL", "GET /refused%7f HTTP/1.1\r\nHost: test\r\n\r\n", 400, "target-control" },
        { "control in the path", "GET /refused\x01 HTTP/1.1\r\nHost: test\r\n\r\n", 400, "target-control" },
        { "control in the query", "GET /refused?\x01 HTTP/1.1\r\nHost: test\r\n\r\n", 400, "target-control" },
        { "space in the path", "GET /refused x HTTP/1.1\r\nHost: test\r\n\r\n", 400, null },
        { "byte from 0x80 in the path", "GET /refused\u00e9 HTTP/1.1\r\nHost: test\r\n\r\n", 400, null },
        { "byte from 0x80 in the query", "GET /refused?\u00e9 HTTP/1.1\r\nHost: test\r\n\r\n", 400, null },
        { "asterisk for GET", "GET * HTTP/1.1\r\nHost: test\r\n\r\n", 405, null },
        { "9112 §3 a target of 8 000 characters", $"GET /refused{new string('x', 8000)} HTTP/1.1\r\nHost: test\r\n\r\n", 414, "target-too-long" },
        { "9112 §3 a request line of 9 000 characters", $"GET /refused{new string('x', 9000)} HTTP/1.1\r\nHost: test\r\n\r\n", 414, null },
        { "6585 §5 101 field lines", Get + string.Concat(Enumerable.Repeat("X-A: b\r\n", 101)) + "\r\n", 431, null },
        { "6585 §5 33 KB of fields", Get + string.Concat(Enumerable.Repeat($"X-A: {new string('x', 1024)}\r\n", 33)) + "\r\n", 431, null },

        // RFC 9110 §7.6.1: Connection must not take away what is for the origin.
        { "Connection names Cookie", Get + "Cookie: a=b\r\nConnection: X-Foo, Cookie\r\n\r\n", 400, "connection" },
        { "Connection names Cookie behind close", Get + "Cookie: a=b\r\nConnection: close, Cookie\r\n\r\n", 400, "connection" },
        { "Connection names Host", Get + "Connection: Host\r\n\r\n", 400, "connection" },
        { "Connection names Authorization in another line", Get + "Connection: authorization\r\nConnection: keep-alive\r\n\r\n", 400, "connection" },
        { "Connection names X-Forwarded-For", Get + "Connection: keep-alive, x-forwarded-for\r\n\r\n", 400, "connection" },
        { "Connection names Forwarded", Get + "Connection: Forwarded\r\n\r\n", 400, "connection" },
        { "Connection names the loop guard", Get + "Connection: CDN-Loop\r\n\r\n", 400, "connection" },
        { "Connection is no list of tokens", Get + "Connection: X(Foo\r\n\r\n", 400, "connection" },

        // RFC 9110 §10.1.1: Expect.
        { "another expectation", Post + "Content-Length: 1\r\nExpect: y 100-continue\r\n\r\nx", 417, "expectation" },
        { "two expectations", Post + "Content-Length: 1\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n\r\nx", 417, "expectation" },
        { "expectation without a body", Post + "Expect: 100-continue\r\n\r\n", 417, "expectation" },
        { "expectation on GET", Get + "Expect: 100-continue\r\n\r\n", 417, "expectation" },
        { "expectation on GET with a body", Get + "Content-Length: 1\r\nExpect: 100-continue\r\n\r\nx", 417, "expectation" },

        // RFC 9110 §9.3.1: a body of GET or HEAD has no meaning, and no place in the key.
        { "GET with a length", Get + "Content-Length: 5\r\n\r\nhello", 400, "fat-request" },
        { "GET with chunks", Get + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "fat-request" },
        { "HEAD with a length", "HEAD /refused HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello", 400, "fat-request" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Refused_with_its_reason_and_the_connection_closed_and_nothing_upstream(string clause, string bytes, int status, string? reason)
    {
        await using var client = await edge.ConnectAsync();
        await client.SendAsync(bytes + "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n");
        var answer = await client.ReadAnswerAsync(bytes.StartsWith("HEAD", StringComparison.Ordinal) ? "HEAD" : "GET");
        Assert.Equal((clause, status, reason), (clause, answer.Status, DetailOf(answer)));
        Assert.Equal("close", answer.Field("Connection"));
        Assert.NotEqual(ConnectionEnd.Open, await client.ReadEndAsync());
        Assert.Empty(edge.Origin.Log.All);
    }

    [Theory]
    [InlineData("bare LF behind a chunk size", "5\nhello\r\n0\r\n\r\n")]
    [InlineData("bare LF in a chunk extension", "5;a\nhello\r\n0\r\n\r\n")]
    [InlineData("bare LF behind chunk data", "5\r\nhello\n0\r\n\r\n")]
    [InlineData("bare LF in trailers", "5\r\nhello\r\n0\r\nX-A: b\n\r\n")]
    [InlineData("size with a prefix", "0x5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("size with a sign", "+5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("no size", "\r\nhello\r\n0\r\n\r\n")]
    [InlineData("chunk longer than its size", "5\r\nhello!\r\n0\r\n\r\n")]
    public async Task A_malformed_chunked_body_never_becomes_a_whole_request_and_nothing_follows_it(string what, string body)
    {
        await using var own = new GateFixtureScope();
        var fixture = await own.StartAsync();
        await using var client = await fixture.ConnectAsync();
        await client.SendAsync(Post + "Transfer-Encoding: chunked\r\n\r\n" + body + "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n");
        var answer = await client.ReadAnswerAsync();
        Assert.Equal((what, 400), (what, answer.Status));
        Assert.NotEqual(ConnectionEnd.Open, await client.ReadEndAsync());
        Assert.DoesNotContain(fixture.Origin.Log.All, request => request.IsWhole || request.Target != "/refused");
    }

    [Fact]
    public async Task A_refusal_may_not_be_stored_and_names_the_methods_that_would_do()
    {
        await using var client = await edge.ConnectAsync();
        var answer = await client.RequestAsync("TRACE", "/refused");
        Assert.Equal("DistCache; fwd=bypass; detail=method-not-allowed", answer.Field("Cache-Status"));
        Assert.Equal("no-store", answer.Field("Cache-Control"));
        Assert.Equal("GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH", answer.Field("Allow"));
        Assert.Equal("405 Method Not Allowed: method-not-allowed\n", answer.Text);
        Assert.Null(answer.Field("Server"));
    }

    [Theory]
    [InlineData("OPTIONS", "*")] // RFC 9110 §9.3.7
    [InlineData("OPTIONS", "/refused", "Max-Forwards: 0")] // RFC 9110 §7.6.2
    public async Task Options_of_this_server_are_answered_here(string method, string target, params string[] fields)
    {
        await using var client = await edge.ConnectAsync();
        var answer = await client.RequestAsync(method, target, fields);
        Assert.Equal((204, "options-of-this-server"), (answer.Status, DetailOf(answer)));
        Assert.NotNull(answer.Field("Allow"));
        Assert.Empty(edge.Origin.Log.All);
    }

    [Fact]
    public void Every_reason_has_a_kebab_case_name_of_its_own()
    {
        var names = Enum.GetValues<RefusalReason>().Select(reason => reason.Name()).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^[a-z]+(-[a-z]+)*$", name));
        Assert.Equal("length-and-transfer-encoding", RefusalReason.LengthAndTransferEncoding.Name());
    }

    private static string? DetailOf(RawAnswer answer) => answer.Field("Cache-Status")?.Split("detail=")[1];
}
