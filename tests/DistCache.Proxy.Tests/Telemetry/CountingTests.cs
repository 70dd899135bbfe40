using System.Text;
using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Telemetry;

/// <summary>Each request is counted once, by what became of it, and each byte of its body.</summary>
public sealed class CountingTests
{
    private const string Requests = "distcache.requests";

    [Fact]
    public async Task The_sum_over_cache_status_is_the_number_of_requests()
    {
        await using var edge = await EdgeInProcess.StartAsync("rfc9111", more: new Dictionary<string, string?>
        {
            ["ReverseProxy:Routes:all:Match:Hosts:0"] = "test",
        });
        var gate = new Gate();
        edge.Origin.On("/fresh").Answer(Answers.Ok("0123456789", edge.Date, "Cache-Control: max-age=60"));
        edge.Origin.On("/stale").Answer(Answers.Ok("stale", edge.Date, "ETag: \"1\"", "Cache-Control: max-age=60, stale-while-revalidate=600"));
        edge.Origin.On("/validated").Answer(Answers.Ok("validated", edge.Date, "ETag: \"1\"", "Cache-Control: max-age=60"));
        edge.Origin.On("/private").Answer(Answers.Ok("private", edge.Date, "Cache-Control: private"));
        edge.Origin.On("/closed").Answer(Script.CloseAtOnce());
        var whole = Answers.Ok("0123456789", "Cache-Control: no-store");
        edge.Origin.On("/cut").Answer(Script.CutAt(whole, whole.Length - 5).Fin());
        edge.Origin.On("/never").Answer(Script.NeverAnswer());
        edge.Origin.On("/upgrade").Answer(Script.Text("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\nhello").Fin());
        edge.Origin.On("/post").Answer(Answers.Ok("posted", edge.Date));

        var expected = new Dictionary<string, int>();
        await Expect("miss", edge.GetAsync("/fresh"));
        await Expect("hit", edge.GetAsync("/fresh"));
        await Expect("hit", edge.GetAsync("/fresh", "Range: bytes=2-4"));
        await Expect("hit", edge.RequestAsync("HEAD", "/fresh"));
        await Expect("miss", edge.GetAsync("/stale"));
        await Expect("miss", edge.GetAsync("/validated"));
        await Expect("miss", edge.GetAsync("/private"));
        await Expect("miss", edge.GetAsync("/private")); // marked
        await Expect("pass", edge.RequestAsync("POST", "/post"));
        await Expect("purge", edge.RequestAsync("PURGE", "/nothing"));
        await Expect("purge", edge.RequestAsync("PURGE", "/nothing", "Soft-Purge: what"));
        await Expect("refused", edge.GetAsync("/%zz"));
        await Expect("refused", edge.RequestAsync("TRACE", "/"));
        await Expect("error", edge.GetAsync("/closed"));
        await Expect("error", edge.GetAsync("/nothing", "Cache-Control: only-if-cached"));
        await Expect("error", RawGetAsync(edge, "/", "Host: elsewhere")); // no route
        await using (var cut = await edge.ConnectAsync())
        {
            // The reset that says so may overtake the few bytes that came before it.
            await cut.SendAsync(TestKit.Requests.Text("GET", "/cut"));
            Assert.True(await cut.TryReadAnswerAsync() is null or { WasCut: true });
            expected["miss"]++;
        }


        edge.Origin.On("/validated").Answer(Answers.WithLength("304 Not Modified", [], edge.Date, "ETag: \"1\""));
        edge.Time.Advance(TimeSpan.FromSeconds(61));
        await Expect("validated", edge.GetAsync("/validated"));
        await Expect("stale", edge.GetAsync("/stale"));

        await using (var upgraded = await edge.ConnectAsync())
        {
            await upgraded.SendAsync("GET /upgrade HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n");
            await upgraded.ReadBytesAsync(40);
            upgraded.Reset();
            expected["pass"]++;
        }
        await using (var leaving = await edge.ConnectAsync())
        {
            await leaving.SendAsync(TestKit.Requests.Text("GET", "/never"));
            await Eventually.TrueAsync(() => Task.FromResult(edge.Fetches("/never") == 1));
            leaving.Reset();
            expected["aborted"] = 1;
        }
        await Eventually.TrueAsync(() => Task.FromResult(Scrape.Of(edge).Sum("distcache.requests.waiting") == 0));
        edge.Origin.On("/crowd").Answer(Script.Text("").Wait(gate).Then(Answers.Ok("crowd", edge.Date, "Cache-Control: max-age=60")));
        var first = edge.GetAsync("/crowd");
        await gate.Reached.WaitAsync(TestContext.Current.CancellationToken);
        var others = Enumerable.Range(0, 5).Select(_ => edge.GetAsync("/crowd")).ToArray();
        expected["collapsed"] = others.Length;
        await Eventually.TrueAsync(() => Task.FromResult(Scrape.Of(edge).Sum("distcache.requests.waiting") == others.Length + 1));
        gate.Open();
        await Expect("miss", first);
        await Task.WhenAll(others);

        var sum = expected.Values.Sum();
        await Eventually.TrueAsync(() => Task.FromResult(Scrape.Of(edge).Sum(Requests) >= sum));
        var scrape = Scrape.Of(edge);
        Assert.Equal(
            expected.OrderBy(pair => pair.Key),
            expected.Keys.Select(status => KeyValuePair.Create(status, (int)scrape.Sum(Requests, ("cache_status", status)))).OrderBy(pair => pair.Key));
        Assert.Equal(sum, scrape.Sum(Requests));
        Assert.Equal(1, scrape.Sum("distcache.reasons", ("cache_status", "refused"), ("reason", "target-escape")));
        Assert.Equal(1, scrape.Sum("distcache.reasons", ("reason", "uncacheable-marker")));
        Assert.True(scrape.Sum("distcache.origin.errors", ("cluster", "origin")) >= 2);

        async Task<RawAnswer> Expect(string status, Task<RawAnswer> request)
        {
            expected[status] = expected.GetValueOrDefault(status) + 1;
            return await request;
        }
    }

    [Fact]
    public async Task Bytes_are_those_of_the_bodies_that_clients_got()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var large = new string('x', 300_000);
        edge.Origin.On("/small").Answer(Answers.Ok("0123456789", edge.Date, "Cache-Control: max-age=60"));
        edge.Origin.On("/large").Answer(Answers.Ok(large, edge.Date, "Cache-Control: max-age=60"));
        edge.Origin.On("/chunked").Answer(Answers.Chunked(Encoding.ASCII.GetBytes(large), 10_000, "Cache-Control: no-store"));
        long got = 0;
        foreach (var (method, target, range) in new[]
        {
            ("GET", "/small", ""), ("GET", "/small", ""), ("HEAD", "/small", ""), ("GET", "/large", ""), ("GET", "/large", ""), ("GET", "/large", "Range: bytes=0-9,100-199"),
            ("GET", "/large", "Range: bytes=400000-"), ("GET", "/chunked", ""), ("POST", "/chunked", ""), ("GET", "/%zz", ""), ("PURGE", "/small", ""), ("GET", "/nowhere", ""),
        })
            got += (await edge.RequestAsync(method, target, range == "" ? [] : [range])).BodyLength;
        await Eventually.TrueAsync(() => Task.FromResult(Scrape.Of(edge).Sum(Requests) == 12));
        Assert.Equal(got, Scrape.Of(edge).Sum("distcache.response"));
    }

    private static async Task<RawAnswer> RawGetAsync(EdgeInProcess edge, string target, string host)
    {
        await using var client = await edge.ConnectAsync();
        await client.SendAsync($"GET {target} HTTP/1.1\r\n{host}\r\n\r\n");
        return await client.ReadAnswerAsync();
    }
}
