using DistCache.Scenarios.Wire;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Attacks;

/// <summary>
/// A5, floods of HTTP/2 frames that cost their sender next to nothing. The connection is closed, other clients hardly notice, nothing is
/// left in memory; and what real clients do often is no flood. Rapid reset, MadeYouReset and CONTINUATION stand in <see cref="Http2FloodTests"/>.
/// </summary>
[Collection(AloneCollection.Name)]
public class FrameFloodTests(WireEdge wire) : IClassFixture<WireEdge>
{
    private const long MiB = 1 << 20;

    public static TheoryData<string> Kinds => ["PING", "SETTINGS", "PRIORITY", "WINDOW_UPDATE", "empty DATA", "unknown", "empty CONTINUATION"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_flood_ends_the_connection_within_five_seconds_and_leaves_no_memory_behind(string kind)
    {
        await wire.RunAsync(() => Task.CompletedTask); // The first stored response takes memory once.
        var before = wire.Edge.Process.ResidentBytes;
        await wire.RunAsync(async () =>
        {
            await using var client = await wire.Edge.ConnectHttp2Async();
            await FloodAsync(client, kind);
            client.Patience = TimeSpan.FromSeconds(5);
            Assert.NotEqual(ConnectionEnd.Open, await client.ReadEndAsync());
        });
        Assert.InRange(wire.Edge.Process.ResidentBytes - before, long.MinValue, 50 * MiB);
    }

    [Fact]
    public async Task Four_flooding_connections_hardly_slow_down_a_clean_client()
    {
        await wire.Edge.GetAsync("/hit");
        var lasting = TimeSpan.FromSeconds(LongForm.Asked ? 10 : 2);
        await SlowestOfHundredAsync(TimeSpan.FromSeconds(1)); // What the runtime compiles at first.
        var idle = await SlowestOfHundredAsync(lasting);
        using var stopping = new CancellationTokenSource();
        var flooding = Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            string[] kinds = ["PING", "SETTINGS", "WINDOW_UPDATE", "empty CONTINUATION"];
            while (!stopping.IsCancellationRequested)
            {
                await using var client = await wire.Edge.ConnectHttp2Async();
                await FloodAsync(client, kinds[i]);
            }
        })).ToArray();
        var flooded = await SlowestOfHundredAsync(lasting);
        await stopping.CancelAsync();
        await Task.WhenAll(flooding);

        // The floods come from this process, on the same cores, with a TLS handshake each: hence the constant.
        Assert.True(flooded <= (idle * 3) + TimeSpan.FromMilliseconds(100), $"{flooded.TotalMilliseconds} ms instead of {idle.TotalMilliseconds} ms");
    }

    [Fact]
    public async Task A_download_whose_reader_gives_back_its_window_in_tiny_pieces_comes_whole()
    {
        var body = Bodies.Random(2_000_000);
        wire.Origin.On("/download").Answer(Answers.Ok(body, "Cache-Control: max-age=60"));
        await wire.RunAsync(async () =>
        {
            await using var client = await wire.Edge.ConnectHttp2Async();
            var id = await client.StartGetAsync("/download");
            for (var i = 0; i < 8_000; i++)
            {
                await client.SendAsync(Http2Frame.WindowUpdate(0, 1));
                if (i % 1_000 == 0)
                    await client.WaitForBodyAsync(id, i * 50);
            }

            var answer = await client.ReadAnswerAsync(id);
            Assert.Equal((200, body.Length), (answer.Status, answer.Body.Length));
            Assert.Equal(200, (await client.GetAsync("/download")).Status);
        });
    }

    [Fact]
    public async Task A_thousand_requests_with_a_PING_and_a_PRIORITY_each_are_served()
    {
        await wire.RunAsync(async () =>
        {
            await using var client = await wire.Edge.ConnectHttp2Async();
            for (var i = 0; i < 1000; i++)
            {
                await client.SendAsync(Frame("PING"));
                await client.SendAsync(Frame("PRIORITY"));
                await client.SendAsync(Frame("PRIORITY"));
                Assert.Equal(200, (await client.GetAsync("/hit")).Status);
            }
        });
    }

    private static async Task FloodAsync(RawHttp2Client client, string kind)
    {
        var id = client.NewStreamId();
        if (kind.StartsWith("empty", StringComparison.Ordinal))
        {
            List<FieldLine> fields = [new(":method", "POST"), new(":scheme", "https"), new(":authority", "test"), new(":path", "/flood")];
            await client.SendAsync(Http2Frame.Headers(id, HpackEncoder.Encode(fields), endStream: false, endHeaders: kind == "empty DATA"));
        }

        var frame = kind == "empty CONTINUATION" ? Http2Frame.Continuation(id, [], endHeaders: false)
            : kind == "empty DATA" ? Http2Frame.Data(id, [], endStream: false) : Frame(kind);
        var hundred = Enumerable.Repeat(frame.ToBytes(), 100).SelectMany(bytes => bytes).ToArray();
        for (var i = 0; i < 150 && client.PeerEnd == ConnectionEnd.Open; i++)
            await client.SendAsync(hundred);
    }

    private static Http2Frame Frame(string kind) => kind switch
    {
        "PING" => new(Http2FrameType.Ping, 0, 0, new byte[8]),
        "SETTINGS" => Http2Frame.Settings((Http2Setting.MaxConcurrentStreams, 100)),
        "PRIORITY" => new(Http2FrameType.Priority, 0, 3, [0, 0, 0, 0, 1]),
        "WINDOW_UPDATE" => Http2Frame.WindowUpdate(0, 1),
        _ => new((Http2FrameType)0xbb, 0, 0, new byte[4]),
    };

    /// <summary>The 99th percentile of hits on one connection.</summary>
    private async Task<TimeSpan> SlowestOfHundredAsync(TimeSpan lasting)
    {
        var times = new List<TimeSpan>();
        await using var client = await wire.Edge.ConnectAsync();
        for (var start = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(start) < lasting;)
        {
            var asked = TimeProvider.System.GetTimestamp();
            Assert.Equal(200, (await client.GetAsync("/hit")).Status);
            times.Add(TimeProvider.System.GetElapsedTime(asked));
        }

        times.Sort();
        return times[times.Count * 99 / 100];
    }
}
