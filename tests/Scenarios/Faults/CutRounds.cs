using System.Collections.Concurrent;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Faults;

/// <summary>
/// One round for each offset and protocol: a leader and a follower share an answer that is cut; then the origin is well again and a
/// plain GET must fetch.
/// </summary>
internal sealed class CutRounds(EdgeProcess edge, byte[] body, Func<string, int> fetches)
{
    private readonly ConcurrentDictionary<string, CutPlan> _plans = new();
    private string _sign = "";
    private int _collapsed;
    private int _heads;
    private int _rounds;

    /// <summary>What the origin shall do with a target; null once it is well again.</summary>
    public CutPlan? Plan(string target) => _plans.GetValueOrDefault(target);

    /// <param name="offsets">Where to cut, one round each.</param>
    /// <param name="firstShown">From this offset on a byte of the body comes before the cut, and the leader has its head before the origin cuts: an
    /// HTTP/2 client of the origin may drop what it holds unread when a reset follows, and then honestly answers 502.</param>
    /// <param name="prefix">Of the targets of one worker.</param>
    /// <param name="workers">Rounds at the same time.</param>
    public async Task RunAsync(IEnumerable<int> offsets, int firstShown, Func<int, string> prefix, int workers)
    {
        await StoreSignAsync($"{prefix(0)}/sign");
        var left = new ConcurrentQueue<int>(offsets);
        await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
        {
            await using var http2 = await edge.ConnectHttp2Async();
            await using var well = await edge.ConnectAsync();
            while (left.TryDequeue(out var offset))
                await RunAsync(offset, offset >= firstShown, $"{prefix(worker)}/cut/{offset}", http2, well);
        })));

        TestContext.Current.SendDiagnosticMessage("F3: {0} rounds, {1} heads of cut answers, {2} of them shared", _rounds, _heads, _collapsed);

        // Nearly every reader gets a head, and every other one is a follower: else this scenario did not test them.
        Assert.True(_heads * 10 >= _rounds * 2 * 9, $"only {_heads} heads in {_rounds} rounds of two readers");
        Assert.True(_collapsed * 10 >= _rounds * 8, $"only {_collapsed} followers in {_rounds} rounds shared a fill");
        Assert.False(edge.Process.HasExited, edge.Process.Output);
    }

    /// <summary>What is stored is answered at once, without the origin: when a HEAD for it is, what was sent behind that is read next.</summary>
    private async Task StoreSignAsync(string target)
    {
        await using var http1 = await edge.ConnectAsync();
        await using var http2 = await edge.ConnectHttp2Async();
        Assert.Equal((200, 200), ((await http1.GetAsync(target)).Status, (await http2.GetAsync(target)).Status));
        Assert.True((await http1.GetAsync(target)).IsHit() && (await http2.GetAsync(target)).IsHit());
        _sign = target;
    }

    /// <summary>On HTTP/1.1 and on HTTP/2: over TLS the key is another one, so that each is a fill of its own.</summary>
    private async Task RunAsync(int offset, bool isShown, string target, RawHttp2Client http2, RawClient well)
    {
        await RunAsync(offset, $"{target}/h1", () => well.GetAsync($"{target}/h1"), async plan =>
        {
            await using var leader = await edge.ConnectAsync();
            await using var follower = await edge.ConnectAsync();
            await leader.SendAsync(Requests.Text("GET", $"{target}/h1"));
            await plan.Gate.Reached.WaitAsync(TimeSpan.FromSeconds(30));
            if (isShown)
                await leader.PeekHeadAsync();
            // Read at once: when the first is answered, the second is in.
            await follower.SendAsync(Requests.Text("HEAD", _sign) + Requests.Text("GET", $"{target}/h1"));
            await follower.ReadAnswerAsync("HEAD");
            plan.Gate.Open();
            return [await ReadAsync(leader), await ReadAsync(follower)];
        });
        await RunAsync(offset, $"{target}/h2", () => http2.GetAsync($"{target}/h2"), async plan =>
        {
            var leader = await http2.StartGetAsync($"{target}/h2");
            await plan.Gate.Reached.WaitAsync(TimeSpan.FromSeconds(30));
            if (isShown)
                await http2.ReadHeadAsync(leader);
            var follower = await http2.StartGetAsync($"{target}/h2");
            await http2.RequestAsync(RawHttp2Client.Fields("HEAD", _sign)); // behind it on its connection
            plan.Gate.Open();
            return [await http2.ReadAnswerAsync(leader), await http2.ReadAnswerAsync(follower)];
        });
    }

    private async Task RunAsync(int offset, string target, Func<Task<RawAnswer>> refetch, Func<CutPlan, Task<RawAnswer?[]>> read)
    {
        Interlocked.Increment(ref _rounds);
        var plan = _plans[target] = new CutPlan(offset, new Gate());
        foreach (var answer in await read(plan))
            CheckCut(answer, target);
        _plans.TryRemove(target, out _);
        await CheckRefetchAsync(target, refetch);
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
    private void CheckCut(RawAnswer? answer, string target)
    {
        if (answer is null)
            return;
        Must(!(answer.Status == 200 && answer.EndedCleanly), "a cut answer looked whole", target, answer);
        if (answer.Status is 200)
        {
            Interlocked.Increment(ref _heads);
            Interlocked.Add(ref _collapsed, answer.IsCollapsed() ? 1 : 0);
            Must(body.AsSpan().StartsWith(answer.Body), "other bytes than the origin's", target, answer);
        }
        else
        {
            Must(answer is { Status: 502 or 504 } or { Status: 0, Error: Http2Error.InternalError or Http2Error.Cancel }, "an answer that the origin did not cause", target, answer);
        }
    }

    /// <summary>The answer is written out only where it has to be shown: there are tens of thousands.</summary>
    private static void Must(bool isSo, string otherwise, string target, RawAnswer answer)
    {
        if (!isSo)
            Assert.Fail($"{otherwise}: {target}\n{answer}");
    }

    private async Task CheckRefetchAsync(string target, Func<Task<RawAnswer>> refetch)
    {
        var before = fetches(target);
        var answer = await refetch();
        Must(answer is { Status: 200, EndedCleanly: true } && body.AsSpan().SequenceEqual(answer.Body), "no whole answer after the cut", target, answer);
        Must(!answer.IsHit(), "a cut answer was stored", target, answer);
        Must(fetches(target) > before, "not fetched again", target, answer);
    }
}
