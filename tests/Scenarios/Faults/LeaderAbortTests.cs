using System.Collections.Concurrent;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Faults;

/// <summary>The client whose request started the fill leaves with a reset, anywhere. The others do not notice, and the origin is asked once.</summary>
public class LeaderAbortTests
{
    private const int Followers = 20;
    private const int BodyLength = 200_000;
    private static readonly byte[] Body = Bodies.Random(BodyLength);
    private static readonly int Rounds = LongForm.Asked ? 1000 : 100;

    [Fact]
    public async Task Followers_complete_byte_for_byte_when_the_leader_aborts_and_the_origin_is_asked_once()
    {
        var gates = new ConcurrentDictionary<string, (int Offset, Gate Gate)>();
        await using var origin = ScriptOrigin.Start();
        var whole = Answers.Ok(Body, "Cache-Control: max-age=60");
        origin.Others.Answer(request => gates.TryGetValue(request.Target, out var round)
            ? Script.CutAt(whole, round.Offset).Wait(round.Gate).Then(whole[round.Offset..])
            : Answers.WithLength("404 Not Found", []));
        await using var edge = await EdgeProcess.StartAsync(origin.Url, preset: "rfc9111");

        var random = new Random(20260101);
        var offsets = Enumerable.Range(0, Rounds).Select(_ => random.Next(whole.Length)).ToArray();
        await Parallel.ForAsync(0, Rounds, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (round, _) =>
        {
            var target = $"/abort/{round}";
            var gate = new Gate();
            gates[target] = (offsets[round], gate);
            await RunAsync(edge, target, offsets[round], whole.Length - BodyLength, gate, new Random(round));
            Assert.Single(origin.Requests(target));
        });
    }

    private static async Task RunAsync(EdgeProcess edge, string target, int offset, int headLength, Gate gate, Random random)
    {
        var leader = await edge.ConnectAsync();
        await leader.SendAsync(Requests.Text("GET", target));
        await gate.Reached;
        var followers = await Task.WhenAll(Enumerable.Range(0, Followers).Select(_ => edge.ConnectAsync()));
        foreach (var follower in followers)
            await follower.SendAsync(Requests.Text("GET", target));

        // Where the origin has sent some of the body, everybody's head is there to be read, and the leader reads some bytes before it leaves.
        if (offset > headLength)
        {
            foreach (var follower in followers)
                Assert.True((await follower.PeekHeadAsync()).IsCollapsed(), $"{target}: a follower that does not share the fill");
            await leader.ReadHeadAsync();
            await leader.ReadBytesAsync(random.Next(offset - headLength));
        }

        leader.Reset();
        gate.Open();
        foreach (var follower in followers)
        {
            var answer = await follower.ReadAnswerAsync();
            Assert.True(answer is { Status: 200, EndedCleanly: true } && Body.AsSpan().SequenceEqual(answer.Body), $"{target}: {answer.Status} {answer.End} {answer.BodyLength}");
            await follower.DisposeAsync();
        }

        await leader.DisposeAsync();
        Assert.True((await edge.GetAsync(target)).IsHit(), $"{target} was not stored");
    }
}
