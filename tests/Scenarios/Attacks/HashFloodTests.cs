using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Attacks;

/// <summary>
/// A18, hash flooding: targets that all have one hash under functions without a seed (FNV-1a in 32 bits, Java's, djb2) cost the edge no more than
/// random ones. Our own hash has a seed of the process, which nobody can compute with.
/// </summary>
[Collection(AloneCollection.Name)]
public class HashFloodTests
{
    [Theory]
    [InlineData("java")]
    [InlineData("djb2")]
    [InlineData("fnv")]
    public async Task Colliding_targets_cost_no_more_than_random_ones(string hash)
    {
        Assert.SkipUnless(LongForm.Asked, "a minute, and fewer targets would show nothing; HashFloodTests of DistCache.Proxy.Tests has the hash itself");
        const int count = 100_000;
        await using var origin = ScriptOrigin.Start();
        origin.Others.Answer(Answers.Ok("x", "Cache-Control: max-age=600"));
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart { Origin = origin.Url, Memory = "512MiB" });
        await CostAsync(edge, Random(count, seed: 1)); // What the runtime compiles at first.
        var random = await CostAsync(edge, Random(count, seed: 2));
        var colliding = await CostAsync(edge, Collisions.Of(hash, count));
        Assert.True(colliding <= random * 3, $"{hash}: {colliding.TotalMilliseconds} ms of processor instead of {random.TotalMilliseconds} ms");
    }

    private static async Task<TimeSpan> CostAsync(EdgeProcess edge, IReadOnlyList<string> targets)
    {
        var before = edge.Process.ProcessorTime;
        await using var client = await edge.ConnectAsync();
        foreach (var target in targets)
            Assert.Equal(200, (await client.GetAsync(target)).Status);
        foreach (var target in targets.Take(256))
            Assert.True((await client.GetAsync(target)).IsHit(), target);
        return edge.Process.ProcessorTime - before;
    }

    private static string[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => $"/{seed}/{i}/{random.NextInt64():x16}{random.NextInt64():x16}")];
    }
}
