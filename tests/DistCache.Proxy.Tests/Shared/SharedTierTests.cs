using DistCache.Proxy.Tests.Kit;
using DistCache.Storage.Purging;
using DistCache.Storage.Tests.Shared.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Shared;

/// <summary>What a request sees of the shared tier.</summary>
public sealed class SharedTierTests
{
    private const string Fresh = "Cache-Control: max-age=60";

    [Fact]
    public async Task A_second_edge_serves_what_the_first_fetched_its_age_going_on()
    {
        await using var region = new Region();
        var (a, b) = (await region.StartEdgeAsync(), await region.StartEdgeAsync());
        region.Origin.On("/a").Answer(Answers.Ok("one", Fresh, "Age: 5", "X-Kept: yes"));
        Assert.Equal("one", (await a.GetAsync("/a")).Text);
        await region.WrittenAsync(a);
        region.Time.Advance(TimeSpan.FromSeconds(10));
        var first = await b.GetAsync("/a");
        Assert.Equal(("one", "15", "yes"), (first.Text, first.Field("Age"), first.Field("X-Kept")));
        Assert.Equal("DistCache; hit; ttl=45; detail=shared-tier", first.Field("Cache-Status"));
        region.Time.Advance(TimeSpan.FromSeconds(10));
        var finds = region.Store.Finds;
        var second = await b.GetAsync("/a"); // promoted
        Assert.Equal(("one", "25", "DistCache; hit; ttl=35"), (second.Text, second.Field("Age"), second.Field("Cache-Status")));
        Assert.Equal(finds, region.Store.Finds);
        Assert.Equal(1, region.Fetches("/a"));
    }

    [Fact]
    public async Task A_restarted_edge_is_warm_for_every_variant_and_a_conditional_request()
    {
        await using var region = new Region();
        var a = await region.StartEdgeAsync();
        region.Origin.On("/v").Answer(request => new Script().Then(Answers.Ok(request.Field("Accept-Language") ?? "none", Fresh, "Vary: Accept-Language", "ETag: \"" + request.Field("Accept-Language") + "\"")));
        foreach (var language in (string[])["de", "en"])
        {
            await a.GetAsync("/v", $"Accept-Language: {language}");
            await region.WrittenAsync(a); // until then the first one's lease is on the whole key, and the clock stands
        }
        var b = await region.StartEdgeAsync();
        Assert.Equal("de", (await b.GetAsync("/v", "Accept-Language: de")).Text);
        Assert.Equal("en", (await b.GetAsync("/v", "Accept-Language: en")).Text);
        var c = await region.StartEdgeAsync();
        Assert.Equal(304, (await c.GetAsync("/v", "Accept-Language: en", "If-None-Match: \"en\"")).Status);
        Assert.Equal(2, region.Fetches("/v"));
        Assert.Equal("fr", (await c.GetAsync("/v", "Accept-Language: fr")).Text);
    }

    [Fact] // RFC 9111 §4
    public async Task An_answer_that_a_later_one_has_overtaken_is_not_shared_either()
    {
        await using var region = new Region();
        var a = await region.StartEdgeAsync("rfc9111");
        var gate = new Gate();
        region.Origin.On("/a").Answer(_ => region.Fetches("/a") == 1
            ? new Script().Then(Answers.Head("200 OK", Fresh, "Content-Length: 3")).Then("ol").Wait(gate).Then("d")
            : Answers.Ok("new", Fresh));
        await using var slow = await a.ConnectAsync();
        await slow.SendAsync("GET /a HTTP/1.1\r\nHost: test\r\n\r\n");
        await slow.PeekHeadAsync();
        region.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("new", (await region.WhileTimePassesAsync(a.GetAsync("/a", "Cache-Control: no-cache"))).Text);
        gate.Open();
        Assert.Equal("old", (await slow.ReadAnswerAsync()).Text);
        await region.WrittenAsync(a);
        Assert.Equal("new", (await a.GetAsync("/a")).Text);
        var b = await region.StartEdgeAsync("rfc9111");
        Assert.Equal("new", (await region.WhileTimePassesAsync(b.GetAsync("/a"))).Text);
        Assert.Equal(2, region.Fetches("/a"));
    }

    [Theory]
    [InlineData(16 << 10)]
    [InlineData((16 << 10) + 1)]
    [InlineData(3_000_000)]
    public async Task Long_bodies_stream_through_the_shared_tier(int length)
    {
        await using var region = new Region();
        var (a, b) = (await region.StartEdgeAsync(), await region.StartEdgeAsync());
        region.Origin.On("/long").Answer(Answers.Ok(Copies.Bytes(length), Fresh));
        await a.GetAsync("/long");
        await region.WrittenAsync(a);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => b.GetAsync("/long")));
        Assert.All(answers, answer => Assert.Equal(Copies.Bytes(length), answer.Body));
        Assert.Equal(1, region.Fetches("/long"));
    }

    [Theory]
    [InlineData("bytes=0-0")]
    [InlineData("bytes=1000000-1099999")]
    [InlineData("bytes=-10")]
    [InlineData("bytes=40000-")]
    public async Task A_range_of_a_long_body_reads_only_its_chunks(string range)
    {
        await using var region = new Region();
        var (a, b) = (await region.StartEdgeAsync(), await region.StartEdgeAsync());
        var body = Copies.Bytes(3_000_000);
        region.Origin.On("/long").Answer(Answers.Ok(body, Fresh));
        await a.GetAsync("/long");
        await region.WrittenAsync(a);
        var whole = await a.GetAsync("/long", $"Range: {range}");
        var part = await b.GetAsync("/long", $"Range: {range}");
        Assert.Equal((206, whole.Field("Content-Range")), (part.Status, part.Field("Content-Range")));
        Assert.Equal(whole.Body, part.Body);
        Assert.Contains("hit", part.Field("Cache-Status"));
        Assert.Contains("detail=shared-tier", part.Field("Cache-Status"));
        Assert.Equal(1, region.Fetches("/long"));
        Assert.Equal(0, b.Memory.Count);
    }

    [Fact]
    public async Task A_range_whose_chunk_is_gone_is_a_reset_and_then_a_miss()
    {
        await using var region = new Region();
        var b = await WithoutChunkAsync(region, 3_000_000, missing: 50);
        Assert.True((await b.GetAsync("/long", "Range: bytes=700000-1400000")).WasCut);
        Assert.Equal(206, (await b.GetAsync("/long", "Range: bytes=2900000-")).Status);
        await Eventually.TrueAsync(async () => (await b.GetAsync("/long", "Range: bytes=700000-1400000")).Body.AsSpan().SequenceEqual(Copies.Bytes(3_000_000).AsSpan(700_000, 700_001)));
    }

    [Fact] // P8: what is known before the first byte cuts nobody
    public async Task A_range_that_begins_in_a_chunk_that_is_gone_comes_from_the_origin()
    {
        await using var region = new Region();
        var b = await WithoutChunkAsync(region, 3_000_000, missing: 50);
        var answer = await b.GetAsync("/long", "Range: bytes=820000-1400000");
        Assert.False(answer.WasCut);
        Assert.Equal(Copies.Bytes(3_000_000)[820_000..1_400_001], answer.Body);
        Assert.Equal(2, region.Fetches("/long"));
    }

    [Fact] // P4, I1
    public async Task A_chunk_that_is_missing_mid_body_resets_the_reader_and_the_next_request_is_whole()
    {
        await using var region = new Region();
        var b = await WithoutChunkAsync(region, 500_000, missing: 20);
        var cut = await b.GetAsync("/long");
        Assert.True(cut.WasCut);
        Assert.False(cut.EndedCleanly);
        await Eventually.TrueAsync(() => Task.FromResult(!region.Store.Heads.Any()));
        Assert.Equal(Copies.Bytes(500_000), (await b.GetAsync("/long")).Body);
        Assert.Equal(2, region.Fetches("/long"));
    }

    [Fact]
    public async Task A_body_whose_first_chunk_is_gone_is_a_miss_and_is_written_anew()
    {
        await using var region = new Region();
        var (a, b) = (await region.StartEdgeAsync(), await region.StartEdgeAsync());
        region.Origin.On("/long").Answer(Answers.Ok(Copies.Bytes(500_000), Fresh));
        await a.GetAsync("/long");
        await region.WrittenAsync(a);
        foreach (var chunk in region.Store.Chunks)
            region.Store.Remove(chunk);
        Assert.Equal(Copies.Bytes(500_000), (await b.GetAsync("/long")).Body);
        await region.WrittenAsync(b);
        var c = await region.StartEdgeAsync();
        Assert.Equal(Copies.Bytes(500_000), (await c.GetAsync("/long")).Body);
        Assert.Equal(2, region.Fetches("/long"));
    }

    [Fact]
    public async Task What_memory_does_not_admit_is_served_and_pushes_nobody_out()
    {
        await using var region = new Region();
        var (a, b) = (await region.StartEdgeAsync(), await region.StartEdgeAsync(capacity: 4 << 20));
        var cold = Copies.Bytes(1_500_000); // more than newcomers have, less than half
        region.Origin.On("/cold").Answer(Answers.Ok(cold, Fresh));
        region.Origin.Others.Answer(Answers.Ok(Copies.Bytes(16_000), Fresh));
        await a.GetAsync("/cold");
        await region.WrittenAsync(a);
        for (var round = 0; round < 4; round++)
            await HotAsync();
        var (held, refused) = (b.Memory.Count, b.Memory.Counts.RefusedLarge);
        for (var asked = 0; asked < 2; asked++)
        {
            var answer = await b.GetAsync("/cold");
            Assert.Equal(cold, answer.Body);
            Assert.Contains("detail=shared-tier", answer.Field("Cache-Status"));
            await region.WrittenAsync(b);
        }
        Assert.Equal((held, refused + 2), (b.Memory.Count, b.Memory.Counts.RefusedLarge));
        var finds = region.Store.Finds;
        await HotAsync();
        Assert.Equal(finds, region.Store.Finds);
        Assert.Equal(1, region.Fetches("/cold"));
        Task HotAsync() => MakeHotAsync(b);
    }

    [Fact]
    public async Task What_memory_does_not_admit_is_kept_for_the_second_who_asks_while_it_is_on_its_way()
    {
        await using var region = new Region();
        var (a, b) = (await region.StartEdgeAsync(), await region.StartEdgeAsync(capacity: 4 << 20));
        var cold = Copies.Bytes(1_500_000);
        region.Origin.On("/cold").Answer(Answers.Ok(cold, Fresh));
        region.Origin.Others.Answer(Answers.Ok(Copies.Bytes(16_000), Fresh));
        await a.GetAsync("/cold");
        await region.WrittenAsync(a);
        for (var round = 0; round < 4; round++)
            await MakeHotAsync(b);
        var (refused, finds, operations, goOn) = (b.Memory.Counts.RefusedLarge, region.Store.Finds, 0, new TaskCompletionSource());
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        region.Store.Before = () =>
        {
            var operation = Interlocked.Increment(ref operations);
            if (operation is not (60 or 120)) // chunks of ninety each: there was no room for all of them
                return Task.CompletedTask;
            (operation == 60 ? first : second).SetResult();
            return goOn.Task;
        };
        var alone = b.GetAsync("/cold");
        await first.Task;
        Assert.Equal(refused + 1, b.Memory.Counts.RefusedLarge);
        var kept = b.GetAsync("/cold");
        await second.Task;
        await using var third = await b.ConnectAsync();
        await third.SendAsync(TestKit.Requests.Text("GET", "/cold"));
        var head = await third.ReadHeadAsync();
        goOn.SetResult();
        foreach (var answer in (RawAnswer[])[await alone, await kept, await third.ReadBodyAsync(head)])
            Assert.Equal(cold, answer.Body);
        Assert.Equal((finds + 2, refused + 1), (region.Store.Finds, b.Memory.Counts.RefusedLarge));
        Assert.Equal(1, region.Fetches("/cold"));
    }

    [Fact]
    public async Task What_memory_holds_and_another_edge_has_confirmed_takes_the_place_of_its_older_self_however_large()
    {
        await using var region = new Region();
        var (a, b) = (await region.StartEdgeAsync(), await region.StartEdgeAsync(capacity: 4 << 20));
        var large = Copies.Bytes(1_500_000);
        region.Origin.On("/large").Answer(Answers.Ok(large, "Cache-Control: max-age=10", "ETag: \"1\""), Answers.Head("304 Not Modified", Fresh, "ETag: \"1\""));
        region.Origin.Others.Answer(Answers.Ok(Copies.Bytes(16_000), Fresh));
        await a.GetAsync("/large");
        await region.WrittenAsync(a);
        await b.GetAsync("/large");
        for (var round = 0; round < 4; round++)
        {
            await MakeHotAsync(b, 110); // they and it have room
            await b.GetAsync("/large"); // not the first to leave
        }
        Assert.Contains(b.Memory.Responses, response => response.Body.Length == large.Length);
        region.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(large, (await a.GetAsync("/large")).Body);
        await region.WrittenAsync(a);
        var refused = b.Memory.Counts.RefusedLarge;
        var answer = await b.GetAsync("/large");
        Assert.Equal(large, answer.Body);
        Assert.Contains("detail=shared-tier", answer.Field("Cache-Status"));
        var finds = region.Store.Finds;
        Assert.Equal(large, (await b.GetAsync("/large")).Body);
        Assert.Equal((finds, refused), (region.Store.Finds, b.Memory.Counts.RefusedLarge));
        Assert.Equal(2, region.Fetches("/large"));
    }

    [Fact] // rule 15
    public async Task What_a_purge_overtakes_on_its_way_out_of_the_shared_tier_goes_to_who_asked_before_and_is_not_kept()
    {
        await using var region = new Region();
        var (a, b) = (await region.StartEdgeAsync(), await region.StartEdgeAsync());
        var (old, now) = (Copies.Bytes(500_000), Copies.Bytes(400_000));
        region.Origin.On("/long").Answer(Answers.Ok(old, Fresh), Answers.Ok(now, Fresh));
        await a.GetAsync("/long");
        await region.WrittenAsync(a);
        var (operations, halfway, goOn) = (0, new TaskCompletionSource(), new TaskCompletionSource());
        region.Store.Before = () =>
        {
            if (Interlocked.Increment(ref operations) != 10) // the head, and some chunks of thirty
                return Task.CompletedTask;
            halfway.SetResult();
            return goOn.Task;
        };
        var asking = b.GetAsync("/long");
        await halfway.Task;
        region.Purge(PurgeMode.Hard, new PurgeSelector(PurgeScope.Url, "http://test/long"));
        goOn.SetResult();
        Assert.Equal(old, (await asking).Body);
        await region.WrittenAsync(b);
        Assert.Equal(0, b.Memory.Count);
        Assert.Equal(now, (await b.GetAsync("/long")).Body);
    }

    [Theory] // P1
    [InlineData(PurgeMode.Hard)]
    [InlineData(PurgeMode.Soft)]
    public async Task A_purged_copy_is_never_served_and_needs_no_deletion(PurgeMode mode)
    {
        await using var region = new Region();
        var a = await region.StartEdgeAsync();
        region.Origin.On("/p").Answer(Answers.Ok("old", Fresh, "Cache-Tag: news", "ETag: \"1\""), Answers.Ok("new", Fresh, "Cache-Tag: news", "ETag: \"2\""));
        await a.GetAsync("/p");
        await region.WrittenAsync(a);
        region.Purge(mode, new PurgeSelector(PurgeScope.Tag, "news"));
        var b = await region.StartEdgeAsync();
        region.Purge(PurgeMode.Hard, new PurgeSelector(PurgeScope.Tag, "elsewhere")); // b follows
        Assert.Single(region.Store.Heads);
        Assert.Equal("new", (await b.GetAsync("/p")).Text);
        // Soft: its validator was still good for asking.
        Assert.Equal(mode is PurgeMode.Soft ? "\"1\"" : null, region.Origin.Requests("/p")[1].Field("If-None-Match"));
        await region.WrittenAsync(b);
        Assert.Equal("new", (await a.GetAsync("/p")).Text);
        Assert.Equal(2, region.Fetches("/p"));
    }

    [Fact]
    public async Task A_stale_copy_is_validated_and_prolonged_for_all()
    {
        await using var region = new Region();
        var (a, b, c) = (await region.StartEdgeAsync(), await region.StartEdgeAsync(), await region.StartEdgeAsync());
        var body = Copies.Bytes(100_000);
        region.Origin.On("/s").Answer(Answers.Ok(body, Fresh, "ETag: \"1\""), Latin1.Bytes("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nCache-Control: max-age=60\r\n\r\n"));
        await a.GetAsync("/s");
        await region.WrittenAsync(a);
        region.Time.Advance(TimeSpan.FromSeconds(90));
        var validated = await b.GetAsync("/s");
        Assert.Equal(body, validated.Body);
        Assert.Contains("fwd=stale; fwd-status=304", validated.Field("Cache-Status"));
        await region.WrittenAsync(b);
        var chunks = region.Store.Chunks.Count();
        Assert.Equal(7, chunks);
        var hit = await c.GetAsync("/s");
        Assert.Equal(body, hit.Body);
        Assert.Contains("detail=shared-tier", hit.Field("Cache-Status"));
        Assert.Equal(2, region.Fetches("/s"));
    }

    [Fact]
    public async Task A_stale_copy_hides_a_dead_origin_from_an_edge_that_never_fetched_it()
    {
        await using var region = new Region();
        var a = await region.StartEdgeAsync();
        region.Origin.On("/sie").Answer(Answers.Ok("old", "Cache-Control: max-age=10, stale-if-error=600"), Answers.WithLength("503 Busy", []));
        await a.GetAsync("/sie");
        await region.WrittenAsync(a);
        region.Time.Advance(TimeSpan.FromSeconds(20));
        var b = await region.StartEdgeAsync();
        var answer = await b.GetAsync("/sie");
        Assert.Equal((200, "old"), (answer.Status, answer.Text));
        Assert.Contains("stale-if-error", answer.Field("Cache-Status"));
    }

    [Fact]
    public async Task Within_stale_while_revalidate_an_edge_answers_at_once_with_a_copy_that_it_never_fetched()
    {
        await using var region = new Region();
        var a = await region.StartEdgeAsync();
        region.Origin.On("/swr").Answer(Answers.Ok("old", "Cache-Control: max-age=10, stale-while-revalidate=600"), Answers.Ok("new", Fresh));
        await a.GetAsync("/swr");
        await region.WrittenAsync(a);
        region.Time.Advance(TimeSpan.FromSeconds(20));
        var b = await region.StartEdgeAsync();
        var answer = await b.GetAsync("/swr");
        Assert.Equal("old", answer.Text);
        Assert.Contains("stale-while-revalidate", answer.Field("Cache-Status"));
        await Eventually.TrueAsync(async () => (await b.GetAsync("/swr")).Text == "new");
        Assert.Equal(2, region.Fetches("/swr"));
    }

    [Fact] // P5
    public async Task What_may_not_be_stored_is_not_shared()
    {
        await using var region = new Region();
        var a = await region.StartEdgeAsync();
        region.Origin.On("/private").Answer(Answers.Ok("mine", "Cache-Control: private, max-age=60"));
        region.Origin.On("/cookie").Answer(Answers.Ok("mine", Fresh, "Set-Cookie: id=1"));
        region.Origin.On("/auth").Answer(Answers.Ok("mine", Fresh));
        region.Origin.On("/cut").Answer(new Script().Then("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 100\r\n\r\nonly this").Fin());
        await a.GetAsync("/private");
        await a.GetAsync("/cookie");
        await a.GetAsync("/auth", "Authorization: Basic eDp5");
        await using (var client = await a.ConnectAsync())
        {
            await client.SendAsync(TestKit.Requests.Text("GET", "/cut"));
            await client.TryReadAnswerAsync(); // the reset may overtake the head
        }
        await region.WrittenAsync(a);
        Assert.Empty(region.Store.Heads);
    }

    [Fact]
    public async Task A_memory_hit_asks_nothing_of_the_shared_tier()
    {
        await using var region = new Region();
        var a = await region.StartEdgeAsync();
        region.Origin.On("/a").Answer(Answers.Ok("one", Fresh));
        await a.GetAsync("/a");
        await region.WrittenAsync(a);
        var finds = region.Store.Finds;
        region.Store.Before = () => throw new IOException("gone");
        for (var i = 0; i < 10; i++)
            Assert.Equal("one", (await a.GetAsync("/a")).Text);
        Assert.Equal(finds, region.Store.Finds);
    }

    [Fact] // P8
    public async Task Without_the_store_every_request_is_answered_by_the_origin()
    {
        await using var region = new Region();
        var a = await region.StartEdgeAsync();
        region.Store.Before = () => throw new IOException("gone");
        region.Origin.On("/a").Answer(Answers.Ok("one", Fresh));
        for (var i = 0; i < 5; i++)
            Assert.Equal((200, "one"), await Answer(i));

        async Task<(int, string)> Answer(int i)
        {
            var answer = await a.GetAsync($"/a?{i}");
            return (answer.Status, answer.Text);
        }
    }

    /// <summary>An edge that holds nothing, in a region where another one has written <c>/long</c>, and one chunk of it has gone since.</summary>
    private static async Task<EdgeInProcess> WithoutChunkAsync(Region region, int length, int missing)
    {
        var writer = await region.StartEdgeAsync();
        region.Origin.On("/long").Answer(Answers.Ok(Copies.Bytes(length), Fresh));
        await writer.GetAsync("/long");
        await region.WrittenAsync(writer);
        region.Store.Remove(region.Store.Chunks.Single(name => name.EndsWith($":{missing}", StringComparison.Ordinal)));
        return await region.StartEdgeAsync();
    }

    private static async Task MakeHotAsync(EdgeInProcess edge, int pages = 200)
    {
        await using var client = await edge.ConnectAsync();
        for (var i = 0; i < pages; i++)
            Assert.Equal(200, (await client.GetAsync($"/hot/{i}")).Status);
    }
}
