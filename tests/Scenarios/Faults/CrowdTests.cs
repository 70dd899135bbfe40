using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Faults;

/// <summary>A crowd on a cold large object: the leader leaves at 1 MB, one reads 10 KB/s. Long form: 1,000 clients, 100 MB.</summary>
[Collection(AloneCollection.Name)]
public class CrowdTests
{
    private const int MiB = 1 << 20;
    private static readonly int Clients = LongForm.Asked ? 1000 : 250;
    private static readonly int ObjectLength = (LongForm.Asked ? 100 : 12) * MiB;
    private static readonly byte[] Body = Bodies.Random(ObjectLength);

    [Fact]
    public async Task One_fetch_serves_everybody_byte_for_byte_and_memory_is_the_object_and_a_constant()
    {
        await using var origin = ScriptOrigin.Start();
        var gate = new Gate();
        var whole = Answers.Ok(Body, "Cache-Control: max-age=600");
        origin.On("/big").Answer(Script.CutAt(whole, 2 * MiB).Wait(gate).Then(whole[(2 * MiB)..]));
        origin.Others.Answer(Answers.Ok("warm", "Cache-Control: max-age=600"));
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart
        {
            Origin = origin.Url,
            Memory = "512MiB",
            Configuration = """{ "DistCache": { "Memory": { "MaxObjectSize": "128MiB" } } }""",
        });
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(() => edge.GetAsync("/warm"))));
        var idle = edge.Process.ResidentBytes;
        using var peak = new PeakMemory(edge.Process);

        var leader = await edge.ConnectAsync();
        await leader.SendAsync(Requests.Text("GET", "/big"));
        await leader.ReadHeadAsync();
        await using var slow = await SlowReader.StartAsync(edge, "/big");
        var crowd = Enumerable.Range(0, Clients).Select(_ => Task.Run(ReadAsync)).ToArray();
        await leader.ReadBytesAsync(MiB);
        leader.Reset();
        await leader.DisposeAsync();
        gate.Open();
        await Task.WhenAll(crowd);

        Assert.Single(origin.Requests("/big"));
        Assert.True(Body.AsSpan().StartsWith(slow.Bytes), "the slow reader got other bytes");
        var grown = peak.Stop() - idle;
        TestContext.Current.SendDiagnosticMessage("crowd of {0} on {1} MiB: memory +{2} MiB", Clients, ObjectLength / MiB, grown / MiB);
        // Kestrel's own buffers: up to 64 KiB of output for each connection, and the pool's blocks.
        Assert.True(grown <= ObjectLength + (Clients * 256L * 1024) + (64L * MiB), $"memory grew by {grown / MiB} MiB");

        async Task ReadAsync()
        {
            await using var client = await edge.ConnectAsync();
            client.Patience = TimeSpan.FromMinutes(3);
            await client.SendAsync(Requests.Text("GET", "/big"));
            var (at, isEqual) = (0, true);
            var answer = await client.ReadAnswerAsync(sink: bytes =>
            {
                isEqual &= bytes.Span.SequenceEqual(Body.AsSpan(at, bytes.Length));
                at += bytes.Length;
            });
            Assert.True(isEqual && answer is { Status: 200, EndedCleanly: true } && answer.BodyLength == ObjectLength, $"{answer}");
        }
    }
}
