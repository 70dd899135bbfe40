using System.Globalization;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Keys;
using DistCache.Proxy.Requests;
using DistCache.Proxy.Telemetry;
using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Tests.Hits;

/// <summary>
/// A plain request that has been answered by a hit before is answered ahead of Kestrel's parser. It must be the answer that the whole path
/// would give; and whatever may have changed, in the request or since, must send it the whole way.
/// </summary>
public sealed class KnownHitTests
{
    private const string Fresh = "Cache-Control: max-age=60";

    [Fact]
    public async Task The_short_answer_is_the_whole_path_s_answer()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a?x=1").Answer(Answers.Ok("caf\u00e9", edge.Date, Fresh, "ETag: \"1\"", "X-Two: a", "X-Two: b", "X-Odd: \u00e9  \u00fc", "Cache-Status: behind; hit", "Surrogate-Key: k"));
        await using var client = await edge.ConnectAsync();
        await client.GetAsync("/a?x=1");
        var whole = await client.GetAsync("/a?x=1");
        var known = await client.GetAsync("/a?x=1");
        Assert.False(IsShort(whole));
        Assert.True(IsShort(known), known.ToString());
        Assert.Equal(Sorted(whole), Sorted(known));
        Assert.Equal(whole.Body, known.Body);
        Assert.Equal(1, edge.Fetches("/a?x=1"));
    }

    [Fact] // its rest is sent while Kestrel's reader waits, whose time-outs are for answers of its own
    public async Task A_large_answer_goes_on_to_a_slow_client_past_Kestrel_s_patience()
    {
        await using var edge = await EdgeInProcess.StartAsync(kestrel: options =>
        {
            options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(4);
            options.Limits.MinResponseDataRate = new(240, TimeSpan.FromSeconds(1.1));
        });
        var body = new string('b', 8_000_000);
        edge.Origin.Others.Answer(Answers.Ok(body, edge.Date, Fresh));
        edge.Origin.On("/small").Answer(Answers.Ok("x", edge.Date, Fresh)); // much of it would be to Kestrel's credit
        await using var client = await KnowAsync(edge, "/big");
        await using var other = await KnowAsync(edge, "/small");
        await using var slow = await RawClient.ConnectAsync(edge.Port, receiveBuffer: 4096);
        for (var i = 0; i < 20; i++)
            await slow.GetAsync("/small"); // until Kestrel waits: from then on the socket's thread answers all
        await slow.SendAsync("GET /big HTTP/1.1\r\nHost: test\r\n\r\n");
        var head = await slow.ReadHeadAsync();
        // Kestrel's clock cannot be set. It looks at all connections at once, each second: when it has ended two idle ones, one after the other, this one's times are over too.
        for (var idle = 0; idle < 2; idle++)
        {
            await using var control = await RawClient.ConnectAsync(edge.Port);
            await control.GetAsync("/small");
            Assert.Equal(ConnectionEnd.Closed, await control.ReadEndAsync());
        }
        var answer = await slow.ReadBodyAsync(head);
        Assert.Equal(body, Latin1.Text(answer.Body));
        Assert.True(IsShort(answer));
    }

    [Fact] // else the thread that polls would answer thousands of requests to nobody, while its other connections wait
    public async Task Who_has_gone_is_answered_nothing_of_what_he_asked_for_before()
    {
        const int Backlog = 20_000;
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok(new string('b', 12_000_000), edge.Date, Fresh));
        edge.Origin.On("/small").Answer(Answers.Ok(new string('s', 30_000), edge.Date, Fresh));
        await using var other = await KnowAsync(edge, "/big");
        await KnowAsync(edge, "/small");
        await using var client = await RawClient.ConnectAsync(edge.Port, receiveBuffer: 4096);
        await client.GetAsync("/small");
        var before = Hits();
        await client.SendAsync("GET /big HTTP/1.1\r\nHost: test\r\n\r\n" + string.Concat(Enumerable.Repeat("GET /small HTTP/1.1\r\nHost: test\r\n\r\n", Backlog)));
        await client.ReadHeadAsync();
        client.Reset();
        for (var (last, calm) = (-1L, 0); calm < 20; last = Hits())
        {
            await other.GetAsync("/small");
            calm = Hits() - last <= 1 ? calm + 1 : 0; // this one alone
        }
        Assert.InRange(Hits() - before, 1, Backlog / 4);

        long Hits() => edge.Services.GetRequiredService<EdgeMeter>().RouteOf("all").Read().Single(count => count.CacheStatus == "hit").Requests;
    }

    [Fact] // RFC 9111 §5.1, RFC 9211 §2.4
    public async Task Age_and_ttl_go_on()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("x", edge.Date, Fresh));
        await using var client = await KnowAsync(edge, "/a");
        edge.Time.Advance(TimeSpan.FromSeconds(25));
        var answer = await client.GetAsync("/a");
        Assert.True(IsShort(answer));
        Assert.Equal("25", answer.Field("Age"));
        Assert.Equal("DistCache; hit; ttl=35", answer.Field("Cache-Status"));
    }

    [Theory]
    [InlineData("hard", "; fwd=uri-miss")]
    [InlineData("soft", "; fwd=stale")]
    [InlineData("tag", "; fwd=uri-miss")]
    [InlineData("stale", "; fwd=stale")]
    [InlineData("evicted", "; fwd=uri-miss")]
    public async Task What_has_happened_since_is_seen_at_once(string what, string status)
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(request => Answers.Ok("x" + edge.Fetches("/a"), edge.Date, Fresh, "ETag: \"1\"", "Surrogate-Key: k"));
        await using var client = await KnowAsync(edge, "/a");
        switch (what)
        {
            case "hard": await edge.RequestAsync("PURGE", "/a"); break;
            case "soft": await edge.RequestAsync("PURGE", "/a", "Soft-Purge: 1"); break;
            case "tag": await edge.RequestAsync("PURGE", "/", "Surrogate-Key: k"); break;
            case "stale": edge.Time.Advance(TimeSpan.FromSeconds(60)); break;
            default: edge.Memory.Remove(edge.Memory.Responses.Single()); break;
        }
        var answer = await client.GetAsync("/a");
        Assert.Contains(status, answer.Field("Cache-Status"));
        Assert.Equal("x2", Latin1.Text(answer.Body));
        Assert.Equal("x2", Latin1.Text((await client.GetAsync("/a")).Body));
        var again = await client.GetAsync("/a");
        Assert.True(IsShort(again));
        Assert.Equal("x2", Latin1.Text(again.Body));
    }

    [Fact]
    public async Task A_purge_of_something_else_costs_one_whole_way_and_no_fetch()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("x", edge.Date, Fresh));
        await using var client = await KnowAsync(edge, "/a");
        await edge.RequestAsync("PURGE", "/b");
        Assert.False(IsShort(await client.GetAsync("/a")));
        Assert.True(IsShort(await client.GetAsync("/a")));
        Assert.Equal(1, edge.Fetches("/a"));
    }

    [Theory]
    [InlineData("Accept: text/event-stream", 200)]
    [InlineData("Authorization: x", 200)]
    [InlineData("Connection: close", 200)]
    [InlineData("Connection: keep-alive, Cookie", 400)]
    [InlineData("X-Unknown: x", 200)]
    [InlineData("Cookie : x", 400)]
    [InlineData("Cookie: \u0007", 400)]
    [InlineData("Host: test", 400)]
    [InlineData("Content-Length: 0", 200)]
    public async Task Any_other_field_goes_the_whole_way(string field, int status)
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("x", edge.Date, Fresh, "ETag: \"1\""));
        await using var client = await KnowAsync(edge, "/a");
        await client.SendAsync($"GET /a HTTP/1.1\r\nHost: test\r\n{field}\r\n\r\n");
        var answer = await client.ReadAnswerAsync();
        Assert.Equal(status, answer.Status);
        Assert.False(IsShort(answer));
    }

    [Fact] // the gate's limit is the short way's
    public async Task A_request_of_more_lines_than_the_gate_takes_goes_the_whole_way_to_its_refusal()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("x", edge.Date, Fresh));
        foreach (var (lines, status) in ((int, int)[])[(StrictKestrel.MaxFieldCount, 200), (StrictKestrel.MaxFieldCount + 1, 431)])
        {
            await using var client = await KnowAsync(edge, "/a");
            await client.SendAsync($"GET /a HTTP/1.1\r\nHost: test\r\n{string.Concat(Enumerable.Repeat("DNT: 1\r\n", lines - 1))}\r\n");
            var answer = await client.ReadAnswerAsync();
            Assert.Equal((status, status == 200), (answer.Status, IsShort(answer)));
        }
    }

    [Theory]
    [InlineData("GET /a HTTP/1.0\r\nHost: test\r\n\r\n")]
    [InlineData("GET /b/../a HTTP/1.1\r\nHost: test\r\n\r\n")]
    [InlineData("GET http://test/a HTTP/1.1\r\nHost: test\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: TEST\r\n\r\n")]
    [InlineData("HEAD /b/../a HTTP/1.1\r\nHost: test\r\n\r\n")]
    public async Task Another_spelling_of_the_same_request_finds_the_same_the_whole_way(string request)
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("x", edge.Date, Fresh));
        await using var client = await KnowAsync(edge, "/a");
        await client.SendAsync(request);
        var answer = await client.ReadAnswerAsync(request[..4].TrimEnd());
        Assert.False(IsShort(answer));
        Assert.Contains("; hit", answer.Field("Cache-Status"));
        Assert.Equal(1, edge.Fetches("/a"));
    }

    [Theory]
    [InlineData("DistCache:Policies:default:Key:Cookies:0", "id")]
    [InlineData("DistCache:Policies:default:Key:Headers:0", "User-Agent")]
    [InlineData("DistCache:Policies:default:Bypass:Cookies:0", "id")]
    [InlineData("ReverseProxy:Routes:all:Match:Headers:0:Name", "Host")]
    public async Task Nothing_is_known_where_a_field_may_decide(string key, string value)
    {
        var settings = new Dictionary<string, string?> { [key] = value };
        if (key.Contains("Match", StringComparison.Ordinal))
            settings["ReverseProxy:Routes:all:Match:Headers:0:Mode"] = "Exists";
        await using var edge = await EdgeInProcess.StartAsync(more: settings);
        edge.Origin.Others.Answer(Answers.Ok("x", edge.Date, Fresh));
        await using var client = await edge.ConnectAsync();
        for (var i = 0; i < 4; i++)
            Assert.False(IsShort(await client.GetAsync("/a")));
        Assert.Equal(1, edge.Fetches("/a"));
    }

    [Theory] // RFC 9111 §4.1
    [InlineData(null)]
    [InlineData("gzip")] // what the policy reduces it to need not be what the client says
    public async Task What_varies_by_Accept_Encoding_alone_is_known_by_what_the_client_sends(string? coding)
    {
        await using var edge = await EdgeInProcess.StartAsync(more: coding is null ? null : new Dictionary<string, string?> { ["DistCache:Policies:default:Vary:AcceptEncoding:0"] = coding });
        edge.Origin.Others.Answer(request => Answers.Ok("for " + request.Field("Accept-Encoding"), edge.Date, Fresh, "Vary: Accept-Encoding"));
        await using var client = await edge.ConnectAsync();
        string?[] fields = ["Accept-Encoding: gzip, br", "Accept-Encoding: gzip", null, "accept-encoding: br", "Accept-Encoding:", "Accept-Encoding: gzip,br"];
        var whole = new string[fields.Length];
        for (var round = 0; round < 4; round++)
            for (var i = 0; i < fields.Length; i++)
            {
                var answer = await client.GetAsync("/a", fields[i] is { } field ? [field] : []);
                if (round == 0)
                    whole[i] = answer.Text;
                Assert.Equal(whole[i], answer.Text);
                if (round >= 2) // a miss, a hit that is learnt, and from then on
                    Assert.Equal(fields[i] != "Accept-Encoding:", IsShort(answer));
            }
        Assert.Equal(coding is null ? "for gzip, br" : "for gzip", whole[0]);
        Assert.Equal(coding is null ? 5 : 3, edge.Fetches("/a")); // as sent, but for the space behind a comma
    }

    [Fact] // RFC 9110 §5.3: they are one list, and a plain request has one line
    public async Task Two_lines_of_Accept_Encoding_are_no_plain_request()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(request => Answers.Ok("for " + request.Field("Accept-Encoding"), edge.Date, Fresh, "Vary: Accept-Encoding"));
        await using var client = await edge.ConnectAsync();
        for (var i = 0; i < 3; i++)
        {
            await client.GetAsync("/a", "Accept-Encoding: gzip");
            await client.GetAsync("/a", "Accept-Encoding: br");
        }
        for (var i = 0; i < 4; i++)
        {
            var answer = await client.GetAsync("/a", "Accept-Encoding: gzip", "Accept-Encoding: br");
            Assert.StartsWith("for gzip, br", answer.Text);
            Assert.False(IsShort(answer));
        }
    }

    [Fact] // RFC 9111 §4.1: of several that match it is not for the short way to choose
    public async Task What_varies_by_Accept_Encoding_is_no_short_answer_any_more_beside_one_that_varies_by_more()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(request => request.Field("Accept-Language") is { } language
            ? Answers.Ok("in-" + language, edge.Date, "Cache-Control: max-age=600", "Vary: Accept-Encoding, Accept-Language")
            : Answers.Ok("default", edge.Date, "Cache-Control: max-age=600", "Vary: Accept-Encoding"));
        await using var client = await edge.ConnectAsync();
        for (var i = 0; i < 6; i++)
        {
            if (i == 3)
                Assert.Equal("in-de", (await client.GetAsync("/a", "Accept-Encoding: gzip", "Accept-Language: de")).Text);
            var answer = await client.GetAsync("/a", "Accept-Encoding: br");
            Assert.Equal(("default", i == 2), (answer.Text, IsShort(answer)));
        }
        Assert.Equal(2, edge.Fetches("/a"));
    }

    [Fact] // RFC 9111 §4.1
    public async Task Nothing_is_known_of_what_varies_by_another_field()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(request => Answers.Ok(request.Field("User-Agent") ?? "none", edge.Date, Fresh, "Vary: User-Agent"));
        await using var client = await edge.ConnectAsync();
        foreach (var agent in (string[])["a", "b", "a", "b", "a", "b"])
        {
            var answer = await client.GetAsync("/a", "User-Agent: " + agent);
            Assert.Equal(agent, Latin1.Text(answer.Body));
            Assert.False(IsShort(answer));
        }
    }

    [Fact]
    public async Task Another_configuration_knows_nothing_of_the_one_before()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("x", edge.Date, Fresh));
        await using var client = await KnowAsync(edge, "/a");
        var settings = new Dictionary<string, string?>
        {
            ["ReverseProxy:Routes:all:ClusterId"] = "origin",
            ["ReverseProxy:Routes:all:Match:Path"] = "/elsewhere",
            ["ReverseProxy:Clusters:origin:Destinations:one:Address"] = edge.Origin.Url.ToString(),
        };
        Assert.Empty(await edge.Services.GetRequiredService<ProxyConfiguration>().TryApplyAsync(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), edge.Services));
        Assert.Equal(404, (await client.GetAsync("/a")).Status);
    }

    [Fact] // RFC 9112 §9.3.2
    public async Task Pipelined_requests_are_answered_in_order_however_their_bytes_come()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(request => Answers.Ok(request.Target + new string('.', 3000), edge.Date, request.Target.StartsWith("/no", StringComparison.Ordinal) ? "Cache-Control: no-store" : Fresh));
        await using (var client = await edge.ConnectAsync())
            for (var i = 0; i < 30; i++)
                await client.GetAsync($"/{i % 10}");
        var random = new Random(7);
        var targets = Enumerable.Range(0, 400).Select(_ => random.Next(8) == 0 ? $"/no{random.Next(3)}" : $"/{random.Next(10)}").ToArray();
        var bytes = Latin1.Bytes(string.Concat(targets.Select(target => $"GET {target} HTTP/1.1\r\nHost: test\r\nUser-Agent: {new string('a', random.Next(1, 60))}\r\n\r\n")));
        await using var pipelined = await edge.ConnectAsync();
        var sending = Task.Run(async () =>
        {
            for (var at = 0; at < bytes.Length;)
            {
                var length = Math.Min(random.Next(1, 900), bytes.Length - at);
                await pipelined.SendAsync(bytes.AsMemory(at, length));
                at += length;
            }
        }, TestContext.Current.CancellationToken);
        var shorts = 0;
        foreach (var target in targets)
        {
            var answer = await pipelined.ReadAnswerAsync();
            Assert.Equal(target, Latin1.Text(answer.Body).TrimEnd('.'));
            shorts += IsShort(answer) ? 1 : 0;
        }
        await sending;
        Assert.InRange(shorts, 100, 400);
    }

    [Fact]
    public async Task A_large_body_comes_whole_and_exact()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var body = new byte[3_000_001];
        new Random(1).NextBytes(body);
        edge.Origin.Others.Answer(Answers.Ok(body, edge.Date, Fresh));
        await using var client = await KnowAsync(edge, "/a");
        for (var i = 0; i < 5; i++)
        {
            var answer = await client.GetAsync("/a");
            Assert.True(IsShort(answer));
            Assert.True(body.AsSpan().SequenceEqual(answer.Body));
        }
    }

    [Fact] // A14: a few KiB of requests must not make megabytes of answers that nobody reads
    public async Task Who_pipelines_requests_and_reads_nothing_holds_little()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok(new byte[60_000], edge.Date, Fresh));
        await using var client = await KnowAsync(edge, "/a");
        var before = edge.Services.GetRequiredService<EdgeMeter>().RouteOf("all").Read().Single(count => count.CacheStatus == "hit").Requests;
        await using var slow = await RawClient.ConnectAsync(edge.Port, receiveBuffer: 4096);
        const int Asked = 2000;
        await slow.SendAsync(string.Concat(Enumerable.Repeat("GET /a HTTP/1.1\r\nHost: test\r\n\r\n", Asked)));
        await Eventually.TrueAsync(() => Task.FromResult(edge.Services.GetRequiredService<EdgeMeter>().RouteOf("all").Read().Single(count => count.CacheStatus == "hit").Requests > before));
        for (var i = 0; i < 50; i++)
            await client.GetAsync("/a"); // time for it to go on, if it would
        var answered = edge.Services.GetRequiredService<EdgeMeter>().RouteOf("all").Read().Single(count => count.CacheStatus == "hit").Requests - before - 50;
        Assert.InRange(answered, 1, 200); // what the kernel takes for it, and a few
        for (var i = 0; i < Asked; i++)
            Assert.Equal(60_000, (await slow.ReadAnswerAsync()).Body.Length);
    }

    [Fact] // Kestrel closes a connection on which it has seen no request for its keep-alive time-out
    public async Task Kestrel_sees_a_request_of_a_busy_connection_twice_a_minute()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("x", edge.Date, "Cache-Control: max-age=6000"));
        await using var client = await KnowAsync(edge, "/a");
        edge.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.False(IsShort(await client.GetAsync("/a")));
        Assert.True(IsShort(await client.GetAsync("/a")));
    }

    [Fact] // RFC 9111 §4: the most recent response that a request selects
    public async Task A_response_beside_which_a_variant_is_stored_is_no_short_answer_any_more()
    {
        await using var edge = await EdgeInProcess.StartAsync("rfc9111");
        edge.Origin.On("/a").Answer(request => edge.Fetches("/a") == 1
            ? Answers.Ok("old", edge.Date, "Cache-Control: max-age=600")
            : Answers.Ok("new-" + request.Field("Accept-Language"), edge.Date, "Cache-Control: max-age=600", "Vary: Accept-Language"));
        await using var client = await KnowAsync(edge, "/a");
        edge.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("new-de", (await client.GetAsync("/a", "Accept-Language: de", "Cache-Control: no-cache")).Text);
        Assert.Equal("new-de", (await client.GetAsync("/a", "Accept-Language: de")).Text);
        Assert.Equal("old", (await client.GetAsync("/a", "Accept-Language: fr")).Text); // all that matches it
        for (var i = 0; i < 3; i++)
        {
            var answer = await client.GetAsync("/a", "Accept-Language: de");
            Assert.Equal(("new-de", false), (answer.Text, IsShort(answer)));
        }
    }

    [Fact] // RFC 9111 §4.1: of those that match, one with a Vary
    public async Task A_response_that_is_stored_beside_a_variant_is_no_short_answer()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(request => request.Field("Accept-Language") is { } language
            ? Answers.Ok("new-" + language, edge.Date, "Cache-Control: max-age=600", "Vary: Accept-Language")
            : Answers.Ok("default", edge.Date, "Cache-Control: max-age=600"));
        await using var client = await edge.ConnectAsync();
        await client.GetAsync("/a", "Accept-Language: de");
        edge.Time.Advance(TimeSpan.FromSeconds(5));
        for (var i = 0; i < 4; i++)
        {
            var answer = await client.GetAsync("/a");
            Assert.Equal(("default", false), (answer.Text, IsShort(answer)));
        }
        Assert.Equal("new-de", (await client.GetAsync("/a", "Accept-Language: de")).Text);
        Assert.Equal("default", (await client.GetAsync("/a", "Accept-Language: fr")).Text);
        Assert.Equal(2, edge.Fetches("/a"));
    }

    [Fact]
    public async Task A_short_answer_is_counted_like_any_hit()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("0123456789", edge.Date, Fresh));
        await using var client = await KnowAsync(edge, "/a");
        for (var i = 0; i < 7; i++)
            Assert.True(IsShort(await client.GetAsync("/a")));
        var counts = edge.Services.GetRequiredService<EdgeMeter>().RouteOf("all").Read().Single(count => count.CacheStatus == "hit");
        Assert.Equal((9, 90), (counts.Requests, counts.Bytes));
    }

    [Fact]
    public async Task What_is_known_is_counted_and_goes_with_the_response()
    {
        await using var edge = await EdgeInProcess.StartAsync(capacity: 8 << 20);
        edge.Origin.Others.Answer(Answers.Ok("x", edge.Date, Fresh));
        await using var client = await edge.ConnectAsync();
        var before = edge.Memory.OwnBytes;
        for (var i = 0; i < 2000; i++)
            for (var times = 0; times < 2; times++)
                await client.GetAsync($"/{i.ToString(CultureInfo.InvariantCulture)}");
        Assert.InRange(edge.Memory.OwnBytes - before, 2000 * 300, 2000 * 1024);
        foreach (var response in edge.Memory.Responses)
            edge.Memory.Remove(response);
        Assert.InRange(edge.Memory.OwnBytes - before, 0, 2000 * 100); // sketch and index: they stay as large as they were
    }

    [Fact]
    public async Task Of_what_has_left_nothing_is_kept()
    {
        await using var edge = await EdgeInProcess.StartAsync(capacity: 8 << 20);
        edge.Origin.Others.Answer(Answers.Ok("x", edge.Date, Fresh));
        await using var client = await edge.ConnectAsync();
        var left = new List<WeakReference>();
        for (var i = 0; i < 50; i++)
        {
            for (var times = 0; times < 3; times++)
                Assert.Equal(times == 2, IsShort(await client.GetAsync($"/{i.ToString(CultureInfo.InvariantCulture)}")));
            Keep(left, edge.Memory);
        }
        Assert.Equal(50, left.Count);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.InRange(left.Count(resident => resident.IsAlive), 0, 3); // the last ones may still lie on a stack

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Keep(List<WeakReference> left, Storage.Memory.MemoryTier memory)
        {
            foreach (var response in memory.Responses)
            {
                left.Add(new(response.Resident));
                memory.Remove(response);
            }
        }
    }

    [Fact]
    public async Task The_table_follows_the_capacity_and_so_does_what_it_takes_of_it()
    {
        const int PlacesOf8MiB = 4096;
        await using var edge = await EdgeInProcess.StartAsync(capacity: 8 << 20);
        edge.Origin.Others.Answer(Answers.Ok("x", edge.Date, Fresh));
        await using var client = await KnowAsync(edge, "/a");
        foreach (var (times, counted) in ((int, int)[])[(64, 64), (32, 64), (1, 1)])
        {
            await edge.Memory.ResizeAsync(times * (8L << 20));
            foreach (var page in (string[])["/a", "/b", "/c"])
                for (var i = 0; i < 4; i++)
                    await client.GetAsync(page + times.ToString(CultureInfo.InvariantCulture));
            Assert.True(IsShort(await client.GetAsync("/a" + times.ToString(CultureInfo.InvariantCulture))));
            Assert.InRange(edge.Memory.OwnBytes - counted * PlacesOf8MiB * 12, 0, 64 << 10);
        }
    }

    [Fact] // the table alone was more than the new capacity: nothing was stored any more, so nothing was learnt that would have shrunk it
    public async Task After_a_reload_with_very_little_capacity_things_are_stored_again()
    {
        await using var edge = await EdgeInProcess.StartAsync(capacity: 512L << 20);
        edge.Origin.Others.Answer(Answers.Ok("x", edge.Date, Fresh));
        await using var client = await KnowAsync(edge, "/a");
        Assert.True(edge.Memory.OwnBytes > 2 << 20);
        await edge.Memory.ResizeAsync(2 << 20);
        await client.GetAsync("/b");
        await client.GetAsync("/b");
        Assert.True(IsShort(await client.GetAsync("/b")));
        Assert.Equal(1, edge.Fetches("/b"));
    }

    [Fact]
    public async Task What_is_known_makes_room_for_itself_and_never_exceeds_the_capacity()
    {
        await using var edge = await EdgeInProcess.StartAsync(capacity: 2 << 20);
        edge.Origin.Others.Answer(Answers.Ok("x", edge.Date, Fresh));
        await using var client = await edge.ConnectAsync();
        var most = 0L;
        for (var i = 0; i < 6000; i++)
        {
            for (var times = 0; times < 2; times++)
                await client.GetAsync($"/{i.ToString(CultureInfo.InvariantCulture)}");
            most = Math.Max(most, edge.Memory.Pool.Used);
        }
        Assert.InRange(most, 3 << 19, 2 << 20); // it was full, and never more than that
        Assert.True(edge.Memory.Count < 6000);
    }

    [Fact]
    public async Task Other_spellings_of_one_request_are_known_up_to_eight()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("x", edge.Date, Fresh));
        await using var client = await edge.ConnectAsync();
        string[] targets = ["/a", "/%61", "/./a", .. "uvwxyz".Select(c => $"/{c}/../a")];
        var isShort = new List<bool>();
        for (var round = 0; round < 3; round++)
            foreach (var target in targets)
                isShort.Add(IsShort(await client.GetAsync(target)));
        Assert.Equal([false, true, true, true, true, true, true, true, true], isShort[^9..]); // the first one was the miss
        Assert.Equal(1, edge.Fetches("/a"));
    }

    /// <summary>Asks until the answer comes by the short way.</summary>
    internal static async Task<RawClient> KnowAsync(EdgeInProcess edge, string target)
    {
        var client = await edge.ConnectAsync();
        await client.GetAsync(target);
        await client.GetAsync(target);
        Assert.True(IsShort(await client.GetAsync(target)));
        return client;
    }

    /// <summary>Kestrel writes Age among the first fields, Via behind it; the short way writes it behind all that are stored.</summary>
    internal static bool IsShort(RawAnswer answer) =>
        Latin1.Text(answer.Head).Split("\r\nAge: ") is [_, var rest] && rest.TrimEnd().Split("\r\n")[1..].All(line => line.StartsWith("Cache-Status: ", StringComparison.Ordinal));

    internal static string[] Sorted(RawAnswer answer) =>
        [.. answer.Fields.Select(field => $"{field.Name.ToLowerInvariant()}: {field.Value}").Order(StringComparer.Ordinal)];
}
