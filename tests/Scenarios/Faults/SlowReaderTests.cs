using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Faults;

/// <summary>One reader at 1 KB/s shares a 50 MB fill with 99 others, and leads it: they do not wait for it, and memory stays bounded.</summary>
[Collection(AloneCollection.Name)]
public class SlowReaderTests
{
    private const int Others = 99;
    private const int MiB = 1 << 20;
    private const int ObjectLength = 50 * MiB;
    private static readonly int Rounds = LongForm.Asked ? 10 : 3;
    private static readonly byte[] Body = Bodies.Random(ObjectLength);

    [Fact]
    public async Task Ninety_nine_readers_finish_as_fast_as_without_the_slow_one_and_memory_is_bounded()
    {
        await using var origin = ScriptOrigin.Start();
        origin.Others.Answer(Answers.Ok(Body, "Cache-Control: max-age=600"));
        await using var edge = await EdgeProcess.StartAsync(origin.Url, preset: "rfc9111", memory: "512MiB");
        await ReadAllAsync(edge, "/warm-up", Others);

        // The least of some rounds each: what others do on this machine only ever adds.
        var (without, with, grown) = (TimeSpan.MaxValue, TimeSpan.MaxValue, 0L);
        for (var round = 0; round < Rounds; round++)
        {
            without = Least(without, await TimeAsync(() => ReadAllAsync(edge, $"/without/{round}", Others)));
            var target = $"/with/{round}";
            var idle = edge.Process.ResidentBytes;
            using var peak = new PeakMemory(edge.Process);
            await using var slow = await SlowReader.StartAsync(edge, target);
            with = Least(with, await TimeAsync(() => ReadAllAsync(edge, target, Others)));
            grown = Math.Max(grown, peak.Stop() - idle);

            Assert.Equal(ObjectLength, Assert.Single(origin.Requests(target)).BytesSent, tolerance: 4096);
            Assert.True(slow.Read < ObjectLength / 2, $"the slow reader got {slow.Read} bytes: it was not slow");
            Assert.True(Body.AsSpan().StartsWith(slow.Bytes), "the slow reader got other bytes");
        }

        TestContext.Current.SendDiagnosticMessage("F5: {0} with, {1} without the slow reader; memory +{2} MiB", with, without, grown / MiB);
        Assert.True(with <= without * 1.2, $"with the slow reader {with}, without {without}");
        Assert.True(grown <= ObjectLength + ((Others + 1L) * MiB), $"memory grew by {grown / MiB} MiB");
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static async Task ReadAllAsync(EdgeProcess edge, string target, int readers) =>
        await Task.WhenAll(Enumerable.Range(0, readers).Select(_ => Task.Run(async () =>
        {
            await using var client = await edge.ConnectAsync();
            client.Patience = TimeSpan.FromMinutes(2);
            await client.SendAsync(Requests.Text("GET", target));
            var at = 0;
            var isEqual = true;
            var answer = await client.ReadAnswerAsync(sink: bytes =>
            {
                isEqual &= bytes.Span.SequenceEqual(Body.AsSpan(at, bytes.Length));
                at += bytes.Length;
            });
            Assert.True(isEqual && answer is { Status: 200, EndedCleanly: true, BodyLength: ObjectLength }, $"{target}: {answer}");
        })));

    private static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        var start = TimeProvider.System.GetTimestamp();
        await work();
        return TimeProvider.System.GetElapsedTime(start);
    }
}
