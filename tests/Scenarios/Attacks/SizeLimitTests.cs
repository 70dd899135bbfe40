using DistCache.Scenarios.Wire;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Attacks;

/// <summary>A15, bombs of fields: 90 field lines, 15 KiB of fields and 7,680 bytes of target are taken, one more is not, and nothing is kept of either.</summary>
public class SizeLimitTests(WireEdge wire) : IClassFixture<WireEdge>
{
    private const int MostFields = 90;
    private const int MostFieldBytes = 15 * 1024;
    private const int LongestTarget = 7680;
    private const long MiB = 1 << 20;

    [Theory]
    [InlineData(MostFields, 200)]
    [InlineData(MostFields + 1, 431)]
    public async Task The_ninety_first_field_line_is_431(int count, int status) =>
        await AssertStatusAsync(status, $"GET /fields/{count} HTTP/1.1\r\nHost: h\r\n{Lines(count - 1)}\r\n");

    [Theory]
    [InlineData(LongestTarget, 200)]
    [InlineData(LongestTarget + 1, 414)]
    [InlineData(9 * 1024, 414)]
    public async Task A_longer_target_is_414(int length, int status) =>
        await AssertStatusAsync(status, $"GET /{new string('t', length - 1)} HTTP/1.1\r\nHost: h\r\n\r\n");

    [Theory]
    [InlineData(0, 200)]
    [InlineData(1, 431)]
    public async Task A_byte_more_of_fields_is_431(int more, int status)
    {
        // Kestrel counts every field line with its CR LF, but not the empty line.
        const string rest = "Host: h\r\nX: \r\n";
        await AssertStatusAsync(status, $"GET /bytes/{more} HTTP/1.1\r\nHost: h\r\nX: {new string('y', MostFieldBytes - rest.Length + more)}\r\n\r\n");
    }

    [Fact]
    public async Task An_HPACK_bomb_is_refused_by_what_it_unpacks_to()
    {
        await BombAsync(); // The first stored response and the first HTTP/2 connection take memory once.
        var before = wire.Edge.Process.ResidentBytes;
        await BombAsync();
        Assert.InRange(wire.Edge.Process.ResidentBytes - before, long.MinValue, 50 * MiB);

        Task BombAsync() => wire.RunAsync(async () =>
        {
            for (var round = 0; round < 20; round++)
            {
                await using var client = await wire.Edge.ConnectHttp2Async();
                // One field of 3 KB goes into the dynamic table (RFC 7541 §6.2.1); then an index of one byte stands for it 15,000 times.
                var field = HpackEncoder.Encode([new("x-bomb", new string('b', 3000))]);
                field[0] = 0x40;
                byte[] block = [.. HpackEncoder.Encode(RawHttp2Client.Fields("GET", "/bomb")), .. field, .. Enumerable.Repeat((byte)0xbe, 15_000)];
                var id = client.NewStreamId();
                await client.SendAsync(Http2Frame.Headers(id, block, endStream: true));
                var answer = await client.ReadAnswerAsync(id);
                Assert.True(answer.Status is 431 or 400 || answer.Error is not null || answer.WasCut, $"{answer}");
            }
        });
    }

    [Fact]
    public async Task Thousands_of_requests_at_the_limits_leave_no_memory_behind()
    {
        var rounds = LongForm.Asked ? 2_500 : 120;
        await SendAsync(40);
        var before = wire.Edge.Process.ResidentBytes;
        await wire.RunAsync(() => SendAsync(rounds));
        Assert.InRange(wire.Edge.Process.ResidentBytes - before, long.MinValue, 50 * MiB);

        Task SendAsync(int times) => Parallel.ForAsync(0, times, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) =>
        {
            foreach (var bytes in (string[])
                [
                    $"GET /fields HTTP/1.1\r\nHost: h\r\n{Lines(MostFields - 1)}\r\n",
                    $"GET /fields HTTP/1.1\r\nHost: h\r\n{Lines(MostFields)}\r\n",
                    $"GET /{new string('t', LongestTarget)} HTTP/1.1\r\nHost: h\r\n\r\n",
                    $"GET /bytes HTTP/1.1\r\nHost: h\r\nX: {new string('y', 16 * 1024)}\r\n\r\n",
                ])
            {
                await using var client = await wire.Edge.ConnectAsync();
                await client.SendAsync(bytes);
                await client.TryReadAnswerAsync();
            }
        });
    }

    private static string Lines(int count) => string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: y\r\n"));

    private async Task AssertStatusAsync(int status, string bytes)
    {
        var reached = await wire.RunAsync(async () =>
        {
            await using var client = await wire.Edge.ConnectAsync();
            await client.SendAsync(bytes);
            Assert.Equal(status, (await client.ReadAnswerAsync()).Status);
        });
        Assert.Equal(status == 200, reached.Count > 0);
    }
}
