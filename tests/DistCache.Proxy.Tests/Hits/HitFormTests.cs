using System.Buffers;
using DistCache.Proxy.Hits;
using DistCache.Proxy.Requests;
using DistCache.Proxy.Telemetry;
using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;
using Microsoft.Extensions.DependencyInjection;
using static DistCache.Proxy.Tests.Hits.KnownHitTests;

namespace DistCache.Proxy.Tests.Hits;

/// <summary>
/// HEAD, conditions and ranges by the short way (RFC 9110 §9.3.2, §13, §14): the answer is the whole path's, which a field that no plain
/// request has brings out.
/// </summary>
public sealed class HitFormTests
{
    private const string Modified = "Sat, 22 Nov 2025 12:00:00 GMT";
    private static readonly string[] Stored = ["Cache-Control: max-age=600", "Content-Type: text/plain", "ETag: \"1\"", "Last-Modified: " + Modified, "X-Other: x", "Expires: 0"];

    public static TheoryData<string, string, int, string[]> Requests => new()
    {
        { "9.3.2", "HEAD", 200, [] },
        { "9.3.2: the fields of what GET would get", "HEAD", 200, ["Accept: */*", "Accept-Encoding: gzip"] },
        { "13.1.2", "GET", 304, ["If-None-Match: \"1\""] },
        { "13.1.2: weak comparison", "GET", 304, ["If-None-Match: W/\"1\""] },
        { "13.1.2: a list", "GET", 304, ["If-None-Match: \"0\", \"1\""] },
        { "13.1.2: any", "GET", 304, ["If-None-Match: *"] },
        { "13.1.2: another", "GET", 200, ["If-None-Match: \"2\""] },
        { "13.1.2: no entity-tag", "GET", 200, ["If-None-Match: 1"] },
        { "13.1.3", "GET", 304, ["If-Modified-Since: " + Modified] },
        { "13.1.3: modified since", "GET", 200, ["If-Modified-Since: Sat, 22 Nov 2025 11:59:59 GMT"] },
        { "13.1.3: no date", "GET", 200, ["If-Modified-Since: yesterday"] },
        { "13.1.3: If-None-Match decides alone", "GET", 200, ["If-Modified-Since: " + Modified, "If-None-Match: \"2\""] },
        { "13.2.1: HEAD too", "HEAD", 304, ["If-None-Match: \"1\""] },
        { "14.2", "GET", 206, ["Range: bytes=0-0"] },
        { "14.1.2: to the end", "GET", 206, ["Range: bytes=5-"] },
        { "14.1.2: a long one that ends before the end", "GET", 206, ["Range: bytes=5-300000"] },
        { "14.2: more than we count", "GET", 416, ["Range: bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0"] },
        { "14.1.2: the last ones", "GET", 206, ["Range: bytes=-3"] },
        { "14.1.2: all", "GET", 206, ["Range: bytes=0-"] },
        { "14.1.1: units of either case", "GET", 206, ["range: BYTES=1-2"] },
        { "14.1.2: backwards", "GET", 200, ["Range: bytes=9-2"] },
        { "14.2: another unit", "GET", 200, ["Range: lines=1-2"] },
        { "15.5.17", "GET", 416, ["Range: bytes=4000000-"] },
        { "15.5.17: the last none", "GET", 416, ["Range: bytes=-0"] },
        { "14.2: not of HEAD", "HEAD", 200, ["Range: bytes=0-0"] },
        { "13.1.5", "GET", 206, ["Range: bytes=2-3", "If-Range: \"1\""] },
        { "13.1.5: another", "GET", 200, ["Range: bytes=2-3", "If-Range: \"2\""] },
        { "13.1.5: strong comparison", "GET", 200, ["Range: bytes=2-3", "If-Range: W/\"1\""] },
        { "13.1.5: a date", "GET", 206, ["Range: bytes=2-3", "If-Range: " + Modified] },
        { "13.1.5: without Range", "GET", 200, ["If-Range: \"2\""] },
        { "13.2.2: a condition comes first", "GET", 304, ["Range: bytes=2-3", "If-None-Match: \"1\""] },
        { "13.2.2: that does not hold", "GET", 206, ["Range: bytes=2-3", "If-None-Match: \"2\""] },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task What_the_whole_path_answers_the_short_way_answers(string section, string method, int status, string[] fields)
    {
        foreach (var isPolled in (bool[])[true, false]) // its own sockets, and Kestrel's pipe alone
        {
            await using var edge = await EdgeInProcess.StartAsync(isPolled: isPolled);
            foreach (var length in (int[])[10, 400_000])
            {
                edge.Origin.Others.Answer(Answers.Ok(Body(length), [edge.Date, .. Stored]));
                var target = $"/{length}";
                await using var client = await KnowAsync(edge, target);
                var known = await AskAsync(client, method, fields, target);
                var whole = await AskAsync(client, method, [.. fields, "X-Unknown: x"], target);
                Assert.Equal((status, status, true, false), (known.Status, whole.Status, IsShort(known), IsShort(whole)));
                Assert.Equal(whole.Reason, known.Reason);
                Assert.Equal(Sorted(whole), Sorted(known));
                Assert.True(whole.Body.AsSpan().SequenceEqual(known.Body), section);
                Assert.Equal(whole.End, known.End);
                Assert.Equal(1, edge.Fetches(target));
            }
        }
    }

    [Theory] // RFC 9110 §15.4.5: a 304 says Last-Modified when it has no ETag
    [InlineData("If-Modified-Since: " + Modified, 304, "Last-Modified: " + Modified)]
    [InlineData("If-Modified-Since: " + Modified, 304, "Last-Modified: " + Modified, "ETag: \"1\"")]
    [InlineData("If-None-Match: *", 304)]
    [InlineData("If-None-Match: \"1\"", 200, "ETag: \"1\"", "ETag: \"2\"")]
    [InlineData("If-None-Match: \"1\"", 200, "ETag: 1")]
    [InlineData("If-Range: \"1\"", 200, "ETag: W/\"1\"")]
    public async Task So_it_does_with_other_validators(string wish, int status, params string[] validators)
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("0123456789", [edge.Date, "Cache-Control: max-age=600", .. validators]));
        await using var client = await KnowAsync(edge, "/a");
        string[] fields = wish.StartsWith("If-Range", StringComparison.Ordinal) ? [wish, "Range: bytes=1-2"] : [wish];
        var known = await AskAsync(client, "GET", fields);
        var whole = await AskAsync(client, "GET", [.. fields, "X-Unknown: x"]);
        Assert.True(IsShort(known));
        Assert.Equal((status, whole.Status, whole.Text), (known.Status, known.Status, known.Text));
        if (status == 304)
            Assert.Equal(validators is ["Last-Modified: " + Modified], known.Field("Last-Modified") is not null);
        Assert.Equal(Sorted(whole), Sorted(known));
    }

    [Theory]
    [InlineData("14.6: several ranges", 206, "Range: bytes=0-0,2-3")]
    [InlineData("5.3: two lines", 304, "If-None-Match: \"0\"", "If-None-Match: \"1\"")]
    [InlineData("5.3: two lines of what has one", 200, "Range: bytes=0-0", "Range: bytes=1-1")]
    [InlineData("13.1.1: the origin's", 200, "If-Match: \"1\"")]
    [InlineData("an empty value", 200, "If-None-Match:")]
    public async Task What_is_rare_goes_the_whole_way(string section, int status, params string[] fields)
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("0123456789", [edge.Date, .. Stored]));
        await using var client = await KnowAsync(edge, "/a");
        var answer = await AskAsync(client, "GET", fields);
        Assert.True((status, false) == (answer.Status, IsShort(answer)), section);
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("GET", "If-None-Match: \"1\"")]
    [InlineData("GET", "Range: bytes=0-0")]
    [InlineData("GET", "Range: bytes=10-")]
    public async Task It_is_learnt_from_any_plain_hit(string method, params string[] fields)
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("0123456789", [edge.Date, .. Stored]));
        await using var client = await edge.ConnectAsync();
        await client.GetAsync("/a");
        Assert.False(IsShort(await AskAsync(client, method, fields)));
        var answer = await client.GetAsync("/a");
        Assert.Equal((true, "0123456789"), (IsShort(answer), answer.Text));
    }

    [Theory]
    [InlineData("GET", null)]
    [InlineData("HEAD", null)]
    [InlineData("GET", "HEAD")]
    public async Task Where_a_route_is_for_one_of_both_HEAD_goes_the_whole_way(string first, string? second)
    {
        var settings = new Dictionary<string, string?> { ["ReverseProxy:Routes:all:Match:Methods:0"] = first, ["ReverseProxy:Routes:all:Match:Methods:1"] = second };
        await using var edge = await EdgeInProcess.StartAsync(more: settings.Where(setting => setting.Value is not null).ToDictionary());
        edge.Origin.Others.Answer(Answers.Ok("0123456789", [edge.Date, .. Stored]));
        await using var client = await edge.ConnectAsync();
        for (var i = 0; i < 4; i++)
            foreach (var method in (string[])["GET", "HEAD"])
            {
                var answer = await AskAsync(client, method, []);
                var isRouted = method == first || method == second;
                Assert.Equal(isRouted ? 200 : 404, answer.Status);
                if (i == 3)
                    Assert.Equal(isRouted && (method == "GET" || second is not null), IsShort(answer));
            }
    }

    [Fact]
    public async Task Nor_is_anything_learnt_from_HEAD_then()
    {
        var settings = new Dictionary<string, string?>
        {
            ["ReverseProxy:Routes:other:ClusterId"] = "origin",
            ["ReverseProxy:Routes:other:Match:Path"] = "/other",
            ["ReverseProxy:Routes:other:Match:Methods:0"] = "GET",
        };
        await using var edge = await EdgeInProcess.StartAsync(more: settings);
        edge.Origin.Others.Answer(Answers.Ok("0123456789", [edge.Date, .. Stored]));
        await using var client = await edge.ConnectAsync();
        await client.GetAsync("/a");
        for (var i = 0; i < 3; i++)
            Assert.False(IsShort(await AskAsync(client, "HEAD", [])));
        Assert.False(IsShort(await client.GetAsync("/a")));
        Assert.True(IsShort(await client.GetAsync("/a")));
        Assert.False(IsShort(await AskAsync(client, "HEAD", [])));
    }

    [Fact] // GET of it is answered before the cache where there are regions, which a reload may bring; HEAD never is
    public async Task Nothing_is_learnt_of_the_path_that_tells_the_nearest_region()
    {
        const string Nearest = "/.well-known/distcache/nearest";
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("0123456789", [edge.Date, .. Stored]));
        await using var client = await edge.ConnectAsync();
        for (var i = 0; i < 3; i++)
            foreach (var method in (string[])["GET", "HEAD"])
                Assert.False(IsShort(await AskAsync(client, method, [], Nearest)));
        Assert.Equal(1, edge.Fetches(Nearest));
    }

    [Fact]
    public async Task Where_the_gate_strips_what_decides_nothing_is_answered_before_it()
    {
        var gate = new StrictRequestOptions { StrippedFields = [.. ForgedFields.Names, "range"] };
        await using var edge = await EdgeInProcess.StartAsync(configure: services => services.AddSingleton(gate));
        edge.Origin.Others.Answer(Answers.Ok("0123456789", [edge.Date, .. Stored]));
        await using var client = await edge.ConnectAsync();
        for (var i = 0; i < 4; i++)
        {
            var answer = await AskAsync(client, "GET", ["Range: bytes=0-0"]);
            Assert.Equal((200, false), (answer.Status, IsShort(answer)));
        }
    }

    [Fact]
    public async Task Each_is_counted_as_what_it_is()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("0123456789", [edge.Date, .. Stored]));
        await using var client = await KnowAsync(edge, "/a");
        foreach (var (method, fields) in ((string, string[])[])[("HEAD", []), ("GET", ["If-None-Match: \"1\""]), ("GET", ["Range: bytes=2-4"]), ("GET", ["Range: bytes=10-"]), ("GET", [])])
            Assert.True(IsShort(await AskAsync(client, method, fields)));
        var counts = edge.Services.GetRequiredService<EdgeMeter>().RouteOf("all").Read().Where(count => count.CacheStatus == "hit").ToDictionary(count => count.StatusClass, count => (count.Requests, count.Bytes));
        Assert.Equal(new() { ["2xx"] = (5, 33), ["3xx"] = (1, 0), ["4xx"] = (1, 0) }, counts); // two hits before
    }

    [Theory]
    [InlineData("GET /a HTTP/1.1\r\nHost: test\r\n\r\n")]
    [InlineData("HEAD /a HTTP/1.1\r\nHost: test\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: test\r\nIf-None-Match: \"1\"\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: test\r\nIf-None-Match: W/\"0\", W/\"1\"\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: test\r\nIf-Modified-Since: " + Modified + "\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: test\r\nRange: bytes=1-8\r\nIf-Range: " + Modified + "\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: test\r\nRange: bytes=10-\r\n\r\n")]
    public async Task Nothing_is_allocated(string text)
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("0123456789", [edge.Date, .. Stored]));
        await using var client = await KnowAsync(edge, "/a");
        var (server, fields, output, bytes) = (edge.Services.GetRequiredService<HitServer>(), new KnownFields(isHttps: false), new ArrayBufferWriter<byte>(4096), Latin1.Bytes(text));
        await Eventually.TrueAsync(() => Allocated() == 0); // what is not compiled for speed yet may box

        long Allocated()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                output.ResetWrittenCount();
                if (!PlainRequest.TryRead(bytes, fields, out var request) || !server.TryAnswer(request, isHttps: false, output, mostCopied: 2048, out _, out _))
                    Assert.Fail("it is not known");
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static byte[] Body(int length)
    {
        var body = new byte[length];
        new Random(length).NextBytes(body);
        return body;
    }

    private static async Task<RawAnswer> AskAsync(RawClient client, string method, string[] fields, string target = "/a")
    {
        await client.SendAsync($"{method} {target} HTTP/1.1\r\nHost: test\r\n{string.Concat(fields.Select(field => field + "\r\n"))}\r\n");
        return await client.ReadAnswerAsync(method);
    }
}
