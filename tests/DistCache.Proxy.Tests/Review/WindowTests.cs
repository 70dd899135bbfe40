using DistCache.Proxy.Delivery;
using DistCache.Proxy.Tests.Kit;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;
using DistCache.TestKit;
using Microsoft.AspNetCore.Http;
using Body = DistCache.Storage.Bodies.Body;

namespace DistCache.Proxy.Tests.Review;

/// <summary>Bodies that began whole, for many, and had to become a window: chunks are freed behind their readers.</summary>
public sealed class WindowTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_complete_body_that_is_a_window_is_not_copied_without_a_reader()
    {
        // Its chunks may be freed at any time by a reader that passes: the copy would read freed memory, or look for its bytes for ever.
        var body = new Body(new ChunkPool(1 << 20), 40_000, whole: true);
        body.BecomeWindow();
        using var other = body.Read()!;
        body.Append(new byte[40_000]);
        body.Complete();
        other.Pass(40_000);
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Response.Body = new MemoryStream();
        var isSent = await Task.Run(() => new Delivery.Delivery(new NodeIdentity(null), new(DistCache.Fleet.FleetNode.Alone(new(), TimeProvider.System)), TimeProvider.System).TrySend(context, Response(body), default, null, 0, out _), Cancel)
            .WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Assert.False(isSent);
        Assert.Empty(context.Response.Headers);
        body.Release();
    }

    [Fact]
    public async Task Who_comes_while_a_body_too_large_to_keep_streams_by_asks_the_origin_itself()
    {
        await using var edge = await EdgeInProcess.StartAsync(maxObjectSize: 100_000);
        var bytes = new byte[1_000_000];
        new Random(5).NextBytes(bytes);
        var whole = Answers.Chunked(bytes, 10_000, "Cache-Control: max-age=60");
        var gate = new Gate();
        edge.Origin.On("/a").Answer(Script.CutAt(whole, 700_000).Wait(gate).Then(whole[700_000..]), whole);
        await using var leader = await edge.ConnectAsync();
        await leader.SendAsync(TestKit.Requests.Text("GET", "/a"));
        var head = await leader.ReadHeadAsync();
        await leader.ReadBytesAsync(600_000);
        var late = await edge.GetAsync("/a");
        Assert.True(late.EndedCleanly);
        Assert.Equal(bytes, late.Body);
        gate.Open();
        Assert.Equal(2, edge.Fetches("/a"));
    }

    [Fact]
    public async Task Ranges_out_of_order_never_hold_the_window_that_they_wait_for()
    {
        // Half of the capacity is less than the body: it becomes a window. A reader that keeps byte 0 and waits for byte 800,000 waits for ever.
        await using var edge = await EdgeInProcess.StartAsync(capacity: 1 << 20);
        var bytes = new byte[900_000];
        new Random(6).NextBytes(bytes);
        edge.Origin.On("/a").Answer(Answers.Ok(bytes, "Cache-Control: max-age=60"));
        foreach (var ranges in (string[])["800000-800009,0-9", "0-800000,10-19"])
        {
            var answer = await edge.GetAsync("/a", "Range: bytes=" + ranges).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
            Assert.True(answer.EndedCleanly);
            Assert.Equal(200, answer.Status);
            Assert.Equal(bytes, answer.Body);
        }
        Assert.Equal(206, (await edge.GetAsync("/a", "Range: bytes=0-9,800000-800009")).Status);
    }

    private static StoredResponse Response(Body body) => new()
    {
        Key = new CacheKey("/"u8),
        Variant = VariantKey.None,
        Status = 200,
        Fields = FieldList.Empty,
        Reuse = new ReuseFacts { InitialAge = TimeSpan.Zero, Lifetime = TimeSpan.FromHours(1) },
        Date = DateTimeOffset.UnixEpoch,
        ReceivedAt = 0,
        Identity = PurgeIdentity.Of("http", "test", "/", []),
        AsOf = 0,
        Body = body,
    };
}
