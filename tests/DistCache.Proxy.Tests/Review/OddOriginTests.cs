using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Review;

/// <summary>What origins send that must not go on as it is.</summary>
public sealed class OddOriginTests
{
    [Theory]
    [InlineData("max-age=60", '\x01')]
    [InlineData("max-age=60", '\x7f')]
    [InlineData("no-store", '\x01')]
    [InlineData("no-store", '\x7f')]
    public async Task A_control_character_in_a_field_of_the_origin_is_a_502_and_never_stored(string cacheControl, char control) // RFC 9110 §5.5
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("bad", "Cache-Control: " + cacheControl, $"X-Bad: a{control}b"), Answers.Ok("good", "Cache-Control: max-age=60"));
        Assert.Equal(502, (await edge.GetAsync("/a")).Status);
        Assert.Equal("good", (await edge.GetAsync("/a")).Text);
        edge.Origin.On("/b").Answer(Answers.Ok("bad", $"X-Bad: a{control}b"));
        Assert.Equal(502, (await edge.RequestAsync("POST", "/b", "Content-Length: 0")).Status);
    }

    [Theory]
    [InlineData("max-age=60")]
    [InlineData("no-store")]
    public async Task A_tab_in_a_field_of_the_origin_passes(string cacheControl) // RFC 9110 §5.5
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("x", "Cache-Control: " + cacheControl, "X-Tab: a\tb"));
        for (var i = 0; i < 3; i++)
            Assert.Equal("a\tb", (await edge.GetAsync("/a")).Field("X-Tab"));
    }

    [Theory]
    [InlineData("max-age=60")]
    [InlineData("no-store")]
    public async Task Fields_of_the_origins_connection_end_here(string cacheControl) // RFC 9110 §7.6.1
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("x", "Cache-Control: " + cacheControl, "Connection: close, X-Hop", "X-Hop: 1", "Keep-Alive: timeout=5", "Proxy-Connection: close"));
        await using var client = await edge.ConnectAsync();
        for (var i = 0; i < 3; i++)
        {
            var answer = await client.GetAsync("/a");
            foreach (var name in (string[])["Connection", "X-Hop", "Keep-Alive", "Proxy-Connection"])
                Assert.Null(answer.Field(name));
        }
    }

    [Fact]
    public async Task A_5xx_to_a_validation_hides_behind_stale_if_error_also_when_it_could_be_stored() // rules 26, 38; RFC 9111 §4.3.3
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(
            Answers.Ok("one", "Cache-Control: max-age=10, stale-if-error=60"), Answers.WithLength("503 Busy", "bad"u8.ToArray(), "Cache-Control: max-age=5"));
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(11));
        for (var i = 0; i < 2; i++)
            Assert.Equal("one", (await edge.GetAsync("/a")).Text);
    }

    [Theory]
    [InlineData("max-age=60")]
    [InlineData("no-store")]
    public async Task A_cut_body_never_looks_whole_to_an_HTTP_1_0_client(string cacheControl) // I1: it knows no framing but the connection's end
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var gate = new Gate();
        edge.Origin.On("/a").Answer(Script.Text($"HTTP/1.1 200 OK\r\nCache-Control: {cacheControl}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n").Wait(gate).Fin());
        for (var i = 0; i < 2; i++) // the second may be a pass
        {
            await using var client = await edge.ConnectAsync();
            await client.SendAsync("GET /a HTTP/1.0\r\nHost: test\r\n\r\n");
            var head = await client.ReadHeadAsync();
            gate.Open();
            Assert.False((await client.ReadBodyAsync(head)).EndedCleanly);
            gate = new Gate();
            edge.Origin.On("/a").Answer(Script.Text($"HTTP/1.1 200 OK\r\nCache-Control: {cacheControl}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n").Wait(gate).Fin());
        }
    }

    [Fact]
    public async Task Too_large_a_body_keeps_its_mark_while_it_is_passed()
    {
        await using var edge = await EdgeInProcess.StartAsync(maxObjectSize: 1000);
        edge.Origin.On("/a").Answer(Answers.Ok(new byte[2000], "Cache-Control: max-age=60"));
        Assert.Contains("detail=too-large", (await edge.GetAsync("/a")).Field("Cache-Status"));
        for (var i = 0; i < 3; i++)
            Assert.Contains("detail=uncacheable-marker", (await edge.GetAsync("/a")).Field("Cache-Status"));
    }

    [Fact]
    public async Task A_crowd_costs_one_fetch_also_when_the_fill_ends_between_a_look_up_and_its_join() // P7
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("x", "Cache-Control: max-age=60"));
        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => edge.ConnectAsync()));
        for (var round = 0; round < 300; round++)
        {
            var target = "/r" + round;
            await Task.WhenAll(clients.Select(client => client.GetAsync(target)));
            Assert.Equal(1, edge.Fetches(target));
        }
        foreach (var client in clients)
            await client.DisposeAsync();
    }
}
