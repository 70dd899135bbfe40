using System.Collections.Concurrent;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Faults;

/// <summary>
/// One round for each offset: a leader, a follower on HTTP/1.1 and one on HTTP/2 share an answer that is cut; then the origin is
/// well again and a plain GET must fetch.
/// </summary>
internal sealed class CutRounds(EdgeProcess edge, byte[] body, Func<string, int> fetches)
{
    private readonly ConcurrentDictionary<string, CutPlan> _plans = new();
    private int _collapsed;
    private int _heads;

    /// <summary>What the origin shall do with a target; null once it is well again.</summary>
    public CutPlan? Plan(string target) => _plans.GetValueOrDefault(target);

    /// <param name="offsets">Where to cut, one round each.</param>
    /// <param name="prefix">Of the targets of one worker.</param>
    /// <param name="workers">Rounds at the same time.</param>
    public async Task RunAsync(IEnumerable<int> offsets, Func<int, string> prefix, int workers)
    {
        var left = new ConcurrentQueue<int>(offsets);
        await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
        {
            await using var http2 = await edge.ConnectHttp2Async();
            await using var well = await edge.ConnectAsync();
            while (left.TryDequeue(out var offset))
                await RunAsync(offset, $"{prefix(worker)}/cut/{offset}", http2, well);
        })));

        TestContext.Current.SendDiagnosticMessage("F3: {0} heads of cut answers were read, {1} of them shared", _heads, _collapsed);

        // Two of the three readers of a round are followers. Of all that got a head, many must have shared the leader's fill: else this scenario did not test them.
        Assert.True(_collapsed * 3 > _heads, $"only {_collapsed} of {_heads} readers shared a fill");
        Assert.False(edge.Process.HasExited, edge.Process.Output);
    }

    private async Task RunAsync(int offset, string target, RawHttp2Client http2, RawClient well)
    {
        var plan = _plans[target] = new CutPlan(offset, new Gate());
        await using var leader = await edge.ConnectAsync();
        await using var follower = await edge.ConnectAsync();
        await leader.SendAsync(Requests.Text("GET", target));
        await plan.Gate.Reached.WaitAsync(TimeSpan.FromSeconds(30));
        await follower.SendAsync(Requests.Text("GET", target));
        var http2Follower = http2.RequestAsync(RawHttp2Client.Fields("GET", target));
        await well.RequestAsync("OPTIONS", "/"); // A round trip: by now the followers' requests are in.
        plan.Gate.Open();

        RawAnswer?[] answers = [await ReadAsync(leader), await ReadAsync(follower), await http2Follower];
        foreach (var answer in answers)
            CheckCut(answer, $"{target}\n{answer}");
        _plans.TryRemove(target, out _);
        await CheckRefetchAsync(target, well);
    }

    private static async Task<RawAnswer?> ReadAsync(RawClient client)
    {
        try
        {
            return await client.TryReadAnswerAsync();
        }
        catch (WireException error) when (error.Message.Contains("within a head", StringComparison.Ordinal))
        {
            return null; // A cut head is no answer.
        }
    }

    /// <summary>Either no answer, a cut one, or an honest error: never a 200 that ended cleanly, never a byte that the origin did not send.</summary>
    private void CheckCut(RawAnswer? answer, string context)
    {
        if (answer is null)
            return;
        Assert.False(answer.Status == 200 && answer.EndedCleanly, $"a cut answer looked whole: {context}");
        if (answer.Status is 200)
        {
            Interlocked.Increment(ref _heads);
            Interlocked.Add(ref _collapsed, answer.IsCollapsed() ? 1 : 0);
            Assert.True(body.AsSpan().StartsWith(answer.Body), $"other bytes than the origin's: {context}");
        }
        else
        {
            Assert.True(answer.Status is 0 or 502 or 504, $"an answer that the origin did not cause: {context}");
        }
    }

    private async Task CheckRefetchAsync(string target, RawClient well)
    {
        var before = fetches(target);
        var answer = await well.GetAsync(target);
        Assert.True(answer is { Status: 200, EndedCleanly: true } && body.AsSpan().SequenceEqual(answer.Body), $"{target} after the cut: {answer}");
        Assert.False(answer.IsHit(), $"a cut answer was stored: {target}");
        Assert.True(fetches(target) > before, $"{target} was not fetched again");
    }
}
