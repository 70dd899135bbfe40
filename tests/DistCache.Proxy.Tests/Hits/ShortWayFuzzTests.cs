using DistCache.Proxy.Telemetry;
using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Tests.Hits;

/// <summary>
/// The short way is a second reader of requests, and two readers are how requests are smuggled. So: whatever bytes come, an edge that may
/// take the short way, over its own sockets, says what one over Kestrel's says that never does, to the last answer and to how the connection ends (A1, A2).
/// </summary>
public sealed class ShortWayFuzzTests
{
    private const string Plain = "GET /a HTTP/1.1\r\nHost: test\r\nUser-Agent: x\r\nAccept: */*\r\n\r\n";

    private static readonly string[] Seeds =
    [
        Plain, Plain + Plain, "GET /a HTTP/1.1\r\nHost: test\r\n\r\n", "GET /a HTTP/1.1\r\nHost: test\r\nCookie: a=b\r\nConnection: keep-alive\r\n\r\n" + Plain,
        "GET /a?b HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip, br\r\n\r\n", "GET /a HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nGET /" + Plain,
        "GET /a HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Plain, "HEAD /a HTTP/1.1\r\nHost: test\r\n\r\n" + Plain,
        "POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: " + Plain.Length + "\r\n\r\n" + Plain, "GET /none HTTP/1.1\r\nHost: test\r\n\r\n" + Plain,
        "GET /ae HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n" + "GET /ae HTTP/1.1\r\nHost: test\r\n\r\n", "GET /ae HTTP/1.1\r\nHost: test\r\nAccept-Encoding:\r\n\r\n",
        "GET /ae HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\nAccept-Encoding: br\r\n\r\n" + Plain,
        "GET /a HTTP/1.1\r\nHost: test\r\nIf-None-Match: \"0\", W/\"1\"\r\n\r\n" + Plain, "GET /a HTTP/1.1\r\nHost: test\r\nIf-Modified-Since: Sat, 22 Nov 2025 12:00:00 GMT\r\n\r\n" + Plain,
        "GET /a HTTP/1.1\r\nHost: test\r\nRange: bytes=1-3\r\nIf-Range: \"1\"\r\n\r\n" + Plain, "GET /a HTTP/1.1\r\nHost: test\r\nRange: bytes=-2\r\nIf-None-Match: \"2\"\r\n\r\n" + Plain,
        "GET /a HTTP/1.1\r\nHost: test\r\nRange: bytes=99-\r\n\r\n" + Plain, "HEAD /a HTTP/1.1\r\nHost: test\r\nIf-None-Match: *\r\n\r\n" + Plain,
    ];

    [Fact]
    public async Task Whatever_bytes_come_the_short_way_says_what_the_whole_way_says()
    {
        await using var brief = await StartAsync(new Log(isEnabled: false));
        await using var whole = await StartAsync(new Log(isEnabled: true), isPolled: false);
        var shorts = 0;
        foreach (var seed in Seeds)
            Same(seed);
        Assert.InRange(shorts, 24, int.MaxValue); // each that can be
        Fuzz.Holds(Fuzz.Near(Seeds), Same);

        void Same(string bytes)
        {
            // One at a time, from the same state: what one writes would empty one of the two edges while another one asks it.
            lock (brief)
            {
                Prime();
                var (a, b) = AskBoth(bytes, TimeSpan.FromMilliseconds(300));
                if (a.Said != b.Said) // a machine that stood still for a moment?
                {
                    Prime();
                    (a, b) = AskBoth(bytes, TimeSpan.FromSeconds(10));
                }
                Assert.Equal(b.Said, a.Said);
                Assert.Equal(0, b.Shorts);
                shorts += a.Shorts;
            }
        }

        void Prime()
        {
            Task.WaitAll([brief.GetAsync("/a"), whole.GetAsync("/a")], TestContext.Current.CancellationToken);
            Task.WaitAll([brief.GetAsync("/ae", "Accept-Encoding: gzip"), whole.GetAsync("/ae", "Accept-Encoding: gzip")], TestContext.Current.CancellationToken);
        }

        ((string Said, int Shorts), (string Said, int Shorts)) AskBoth(string bytes, TimeSpan patience)
        {
            var (a, b) = (AskAsync(brief, bytes, patience), AskAsync(whole, bytes, patience));
            Task.WaitAll([a, b], TestContext.Current.CancellationToken);
            return (a.Result, b.Result);
        }
    }

    private static async Task<EdgeInProcess> StartAsync(IRequestLog log, bool isPolled = true)
    {
        var edge = await EdgeInProcess.StartAsync(configure: services => services.AddSingleton(log), isPolled: isPolled);
        edge.Origin.On("/ae").Answer(request => Answers.Ok("for " + request.Field("Accept-Encoding"), edge.Date, "Cache-Control: max-age=6000", "Vary: Accept-Encoding"));
        edge.Origin.Others.Answer(request => request.Method == "GET" && request.Target.StartsWith("/a", StringComparison.Ordinal)
            ? Answers.Ok("body of " + request.Target, edge.Date, "Cache-Control: max-age=6000", "ETag: \"1\"", "Last-Modified: Sat, 22 Nov 2025 12:00:00 GMT", "Content-Type: text/plain")
            : Answers.WithLength("404 Not Found", "none"u8.ToArray(), edge.Date));
        for (var i = 0; i < 3; i++)
        {
            await edge.GetAsync("/a");
            await edge.GetAsync("/ae");
            await edge.GetAsync("/ae", "Accept-Encoding: gzip");
        }
        return edge;
    }

    /// <summary>Sends all, and a last request that closes the connection, unless something before it swallows it; reads to the end.</summary>
    private static async Task<(string Said, int Shorts)> AskAsync(EdgeInProcess edge, string bytes, TimeSpan patience)
    {
        await using var client = await edge.ConnectAsync();
        client.Patience = patience;
        await client.SendAsync(bytes + "GET /last HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        var (said, shorts) = ("", 0);
        try
        {
            while (await client.TryReadAnswerAsync(bytes.StartsWith("HEAD", StringComparison.Ordinal) && said.Length == 0 ? "HEAD" : "GET") is { } answer)
            {
                shorts += KnownHitTests.IsShort(answer) ? 1 : 0;
                var fields = ((string[])["Content-Type", "Content-Length", "Content-Range", "ETag", "Last-Modified"]).Select(name => $"{name} {answer.Field(name)}");
                said += $"{answer.Status} {answer.Field("Cache-Status")?.Split("ttl")[0]} {string.Join(", ", fields)} {answer.End} {Latin1.Text(answer.Body)}\n";
            }
        }
        catch (WireException)
        {
            said += "no more\n"; // it waits for a body's rest; or a HEAD in the middle has no body
        }
        // Whether the first fetch of a URL was this one or an earlier case's does not matter here.
        return (said.Replace("fwd=uri-miss; fwd-status=200; ", "hit; ", StringComparison.Ordinal), shorts);
    }

    private sealed class Log(bool isEnabled) : IRequestLog
    {
        public bool IsEnabled => isEnabled;

        public void Ended(HttpContext context, RequestRecord record)
        {
        }
    }
}
