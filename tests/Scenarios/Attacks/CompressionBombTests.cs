using System.IO.Compression;
using DistCache.Scenarios.Faults;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Attacks;

/// <summary>A16, a body of 10 MB that unpacks to 10 GB: it goes through as it is, to every client, and nobody here unpacks it.</summary>
[Collection(AloneCollection.Name)]
public class CompressionBombTests
{
    private const long MiB = 1 << 20;

    [Theory]
    [InlineData("gzip", "Cache-Control: no-store", "")]
    [InlineData("gzip", "Cache-Control: max-age=60", "")]
    [InlineData("gzip", "Cache-Control: max-age=60", "Accept-Encoding: identity")]
    [InlineData("br, gzip", "Cache-Control: max-age=60", "Accept-Encoding: br")]
    public async Task A_bomb_passes_untouched(string coding, string cacheControl, string fieldLine)
    {
        var bomb = Bomb();
        await using var origin = ScriptOrigin.Start();
        origin.On("/bomb").Answer(Answers.Chunked(bomb, 64 * 1024, cacheControl, $"Content-Encoding: {coding}", "Vary: Accept-Encoding"));
        origin.On("/warm").Answer(Answers.Ok(Bodies.Random(bomb.Length), cacheControl));
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart { Origin = origin.Url, Preset = "rfc9111", Memory = "64MiB" });
        await edge.GetAsync("/warm"); // The same size without a coding: what remains is what the coding costs.
        await edge.GetAsync("/warm");
        using var memory = new PeakMemory(edge.Process);
        var before = edge.Process.ResidentBytes;
        for (var i = 0; i < 2; i++)
        {
            var answer = await edge.GetAsync("/bomb", fieldLine.Length > 0 ? [fieldLine] : []);
            Assert.Equal((200, coding, true), (answer.Status, answer.Field("Content-Encoding"), answer.EndedCleanly));
            Assert.True(bomb.AsSpan().SequenceEqual(answer.Body), "other bytes");
        }

        Assert.InRange(memory.Stop() - before, long.MinValue, 50 * MiB);
    }

    /// <summary>Members of gzip follow one another (RFC 1952 §2.2): a thousand times ten million zeros.</summary>
    private static byte[] Bomb()
    {
        using var member = new MemoryStream();
        using (var gzip = new GZipStream(member, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(new byte[10_000_000]);
        var count = (int)Math.Max(1, 10 * MiB / member.Length);
        return [.. Enumerable.Repeat(member.ToArray(), count).SelectMany(bytes => bytes)];
    }
}
