using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Requests;

/// <summary>The gate on HTTP/2 frames with prior knowledge (RFC 9113).</summary>
public class StrictRequestHttp2Tests(GateFixture edge) : IClassFixture<GateFixture>
{
    public static TheoryData<string, string, string> Malformed => new()
    {
        { "9113 §8.2.1 CR LF in a name", "x-a\r\nx-b", "c" },
        { "9113 §8.2.1 space in a name", "x a", "c" },
        { "9113 §8.2.1 colon in a name", "x:a", "c" },
        { "parenthesis in a name", "x(a", "c" },
        { "9113 §8.2.1 space before a value", "x-a", " c" },
        { "9113 §8.2.1 tab behind a value", "x-a", "c\t" },
        { "BEL in a value", "x-a", "a\ab" },
        { "DEL in a value", "x-a", "a\x7f" },
        { "9113 §8.2.2 transfer-encoding", "transfer-encoding", "chunked" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_malformed_field_resets_its_stream_and_no_other(string clause, string name, string value)
    {
        await using var client = await edge.ConnectHttp2Async();
        var answer = await client.RequestAsync([.. RawHttp2Client.Fields("GET", "/refused"), new FieldLine(name, value)]);
        Assert.Equal((clause, 0, Http2Error.ProtocolError), (clause, answer.Status, answer.Error));
        Assert.Null(client.GoAway);
        Assert.Equal(200, (await client.GetAsync("/clean")).Status);
        Assert.Empty(edge.Origin.Requests("/refused"));
    }

    public static TheoryData<string, string, string> Fatal => new()
    {
        { "9113 §8.2.1 CR LF in a value", "x-a", "b\r\nx-c: d" },
        { "9113 §8.2.1 NUL in a value", "x-a", "b\0" },
        { "9113 §8.2.1 upper case in a name", "X-A", "b" },
        { "9113 §8.2.2 connection", "connection", "x-foo" },
        { "9113 §8.2.2 te", "te", "gzip" },
        { "9110 §8.6 content-length with a sign", "content-length", "+0" },
        { "9110 §8.6 content-length with a vertical tab", "content-length", "\v0" },
        { "9113 §8.3.1 host that differs from :authority", "host", "evil" },
    };

    [Theory]
    [MemberData(nameof(Fatal))]
    public async Task What_Kestrel_decodes_for_us_ends_the_connection(string clause, string name, string value)
    {
        await using var client = await edge.ConnectHttp2Async();
        var answer = await client.RequestAsync([.. RawHttp2Client.Fields("GET", "/refused"), new FieldLine(name, value)]);
        Assert.Equal((clause, 0, Http2Error.ProtocolError), (clause, answer.Status, client.GoAway?.Error));
        Assert.Empty(edge.Origin.Requests("/refused"));
    }

    [Fact]
    public async Task Host_may_stand_beside_an_equal_authority_or_alone()
    {
        await using var client = await edge.ConnectHttp2Async();
        for (var i = 0; i < 5; i++)
        {
            foreach (var host in new[] { "a.example", "B.example" })
            {
                Assert.Equal(200, (await client.RequestAsync([.. RawHttp2Client.Fields("GET", "/both", host), new FieldLine("host", host)])).Status);
                Assert.Equal(host.ToLowerInvariant(), edge.Origin.Log.All[^1].Field("X-Forwarded-Host"));
            }
        }

        await using var alone = await edge.ConnectHttp2Async();
        foreach (var host in new[] { "a.example", "b.example", "c.example" })
        {
            FieldLine[] fields = [new(":method", "GET"), new(":scheme", "http"), new(":path", "/alone"), new("host", host)];
            Assert.Equal(200, (await alone.RequestAsync(fields)).Status);
            Assert.Equal(host, edge.Origin.Log.All[^1].Field("X-Forwarded-Host"));
        }
    }

    [Fact]
    public async Task Where_a_host_names_another_authority_of_the_connection_its_own_authority_wins()
    {
        await using var client = await edge.ConnectHttp2Async();
        Assert.Equal(200, (await client.RequestAsync(RawHttp2Client.Fields("GET", "/wins", "b.example"))).Status);
        Assert.Equal(200, (await client.RequestAsync([.. RawHttp2Client.Fields("GET", "/wins", "a.example"), new FieldLine("host", "b.example")])).Status);
        Assert.Equal("a.example", edge.Origin.Log.All[^1].Field("X-Forwarded-Host"));
        Assert.DoesNotContain("b.example", edge.Origin.Log.All[^1].Text, StringComparison.Ordinal);
    }

    public static TheoryData<string, FieldLine[], int, string> Refused => new()
    {
        { "9113 §8.3.1 no authority", [new(":method", "GET"), new(":scheme", "http"), new(":path", "/refused")], 400, "host" },
        { "empty host", [new(":method", "GET"), new(":scheme", "http"), new(":path", "/refused"), new("host", "")], 400, "host" },
        { "port 99999", Fields("GET", "/refused", "a:99999"), 400, "host" },
        { "9113 §8.5 CONNECT", [new(":method", "CONNECT"), new(":authority", "test:443")], 405, "method-not-allowed" },
        { "8441 §4 CONNECT of another protocol", [.. Fields("CONNECT", "/refused"), new(":protocol", "bytestream")], 405, "method-not-allowed" },
        { "TRACE", Fields("TRACE", "/refused"), 405, "method-not-allowed" },
        { "get", Fields("get", "/refused"), 501, "method-unknown" },
        { "fragment", Fields("GET", "/refused#x"), 400, "target-fragment" },
        { "bad escape", Fields("GET", "/refused%zz"), 400, "target-escape" },
        { "escaped CR LF", Fields("GET", "/refused%0d%0a"), 400, "target-control" },
        { "space in the path", Fields("GET", "/refused x"), 400, "target-control" },
        { "tab in the query", Fields("GET", "/refused?a\tb"), 400, "target-control" },
        { "byte from 0x80", Fields("GET", "/refused\u00e9"), 400, "target-non-ascii" },
        { "byte from 0x80 in the query", Fields("GET", "/refused?\u00e9"), 400, "target-non-ascii" },
        { "a target of 8 000 characters", Fields("GET", "/refused" + new string('x', 8000)), 414, "target-too-long" },
        { "expectation on GET", Fields("GET", "/refused", "test", "expect: 100-continue"), 417, "expectation" },
        { "expectation without a body", Fields("POST", "/refused", "test", "expect: 100-continue"), 417, "expectation" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Refused_on_its_stream_only(string clause, FieldLine[] fields, int status, string reason)
    {
        await using var client = await edge.ConnectHttp2Async();
        var answer = await client.RequestAsync(fields);
        Assert.Equal((clause, status, $"DistCache; fwd=bypass; detail={reason}"), (clause, answer.Status, answer.Field("Cache-Status")));
        Assert.False(answer.Fields.Has("connection"), "RFC 9113 §8.2.2");
        Assert.Equal(200, (await client.GetAsync("/clean")).Status);
        Assert.DoesNotContain(edge.Origin.Log.All, request => request.Target.StartsWith("/refused", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task A_body_is_refused_whether_its_length_is_told_or_not(string method)
    {
        await using var client = await edge.ConnectHttp2Async();
        var silent = await client.RequestAsync(RawHttp2Client.Fields(method, "/refused"), Latin1.Bytes("hello"));
        Assert.Equal((400, "DistCache; fwd=bypass; detail=fat-request"), (silent.Status, silent.Field("Cache-Status")));
        var told = await client.RequestAsync(RawHttp2Client.Fields(method, "/refused", "test", "content-length: 5"), Latin1.Bytes("hello"));
        Assert.Equal((400, "DistCache; fwd=bypass; detail=fat-request"), (told.Status, told.Field("Cache-Status")));
        Assert.Empty(edge.Origin.Requests("/refused"));
    }

    [Fact]
    public async Task A_get_that_ends_with_an_empty_data_frame_has_no_body()
    {
        await using var client = await edge.ConnectHttp2Async();
        var answer = await client.RequestAsync(RawHttp2Client.Fields("GET", "/empty-data"), []);
        Assert.Equal(200, answer.Status);
        var request = Assert.Single(edge.Origin.Requests("/empty-data"));
        Assert.Equal((null, null), (request.Field("Content-Length"), request.Field("Transfer-Encoding")));
    }

    private static FieldLine[] Fields(string method, string path, string authority = "test", params string[] lines) =>
        [.. RawHttp2Client.Fields(method, path, authority, lines)];
}
