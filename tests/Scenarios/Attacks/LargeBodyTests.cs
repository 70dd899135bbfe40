using DistCache.Scenarios.Faults;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Attacks;

/// <summary>A17, memory by bodies that nobody can keep: uncacheable, of unknown length, or larger than what is stored. They stream, for each a bounded part at a time.</summary>
[Collection(AloneCollection.Name)]
public class LargeBodyTests
{
    private const long MiB = 1 << 20;

    [Theory]
    [InlineData("Cache-Control: no-store")]
    [InlineData("Cache-Control: max-age=60")] // of unknown length, and too large to be stored in the end
    public async Task Many_large_bodies_of_unknown_length_stream_through_little_memory(string cacheControl)
    {
        var (clients, length) = LongForm.Asked ? (200, 1024 * MiB) : (12, 20 * MiB);
        await using var origin = ScriptOrigin.Start();
        var chunk = Answers.Chunk(Bodies.Random(1 << 20));
        var script = Script.Bytes(Answers.Head("200 OK", cacheControl, "Transfer-Encoding: chunked"));
        for (var sent = 0L; sent < length; sent += MiB)
            script.Then(chunk);
        origin.On("/large").Answer(script.Then("0\r\n\r\n"));
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart
        {
            Origin = origin.Url,
            Memory = "64MiB",
            Environment = new Dictionary<string, string?> { ["DistCache__Memory__MaxObjectSize"] = "8MiB" },
        });
        await edge.GetAsync("/large?first");
        using var memory = new PeakMemory(edge.Process);
        var before = edge.Process.ResidentBytes;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(i => Task.Run(async () =>
        {
            await using var client = await edge.ConnectAsync(receiveBuffer: 64 * 1024);
            await client.SendAsync(Requests.Text("GET", $"/large?{i}"));
            var answer = await client.ReadAnswerAsync(sink: _ => { });
            Assert.Equal((200, length, BodyEnd.LastChunk), (answer.Status, answer.BodyLength, answer.End));
        })));

        // The memory tier, 16 MiB of the runtime, and 2 MiB for each stream.
        Assert.InRange(memory.Stop() - before, long.MinValue, (64 + 16 + (2L * clients)) * MiB);
        Assert.False((await edge.GetAsync("/large?0")).IsHit());
    }
}
