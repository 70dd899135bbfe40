using System.Diagnostics;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>F12, F14: a purge while a node is silent is pending and says so, is complete once its lease must be over, and the node serves nothing old when it comes back.</summary>
[Collection(FleetCollection.Name)]
public class SilentNodeTests(OneRegion region)
{
    /// <summary>What a purge may take beyond lease and margin: two reads of the members, 200 ms apart, and the question here.</summary>
    private static readonly TimeSpan Beyond = TimeSpan.FromSeconds(1);

    /// <summary>The same on a machine that has other work: the most, in any round.</summary>
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(5);

    /// <summary>The end is the product's, the noise the machine's: one quiet round shows it. That it never is before the end that was told holds in each.</summary>
    private const int Rounds = 3;

    /// <summary>Of a lease of 5 s: a twentieth.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(0.25);

    /// <summary>Times are told in milliseconds.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(1);

    [Fact]
    public Task F14_a_frozen_node_is_named_then_left_out_and_its_first_answer_is_not_old() => InARoundAsync(async () =>
    {
        var (fleet, key) = await StoredAsync();
        var silent = fleet["ams-3"];
        silent.Edge.Process.Send(Signal.Stop);
        try
        {
            var late = await PendingThenCompleteAsync(fleet, key, silent);
            await using var client = await silent.Edge.ConnectAsync(); // its kernel accepts
            await client.SendAsync(Requests.Text("GET", VersionedPage.TargetOf(key)));
            silent.Edge.Process.Send(Signal.Continue);
            Assert.Equal(2, Pages.VersionOf(await client.ReadAnswerAsync(), key));
            return late;
        }
        finally
        {
            silent.Edge.Process.Send(Signal.Continue);
        }
    });

    public static TheoryData<LinkState> States => LongForm.Asked ? [LinkState.HalfOpen, LinkState.Stalled] : [LinkState.HalfOpen];

    [Theory]
    [MemberData(nameof(States))]
    public Task F12_a_node_that_hears_nothing_is_left_out_and_serves_nothing_old_meanwhile(LinkState state) => InARoundAsync(async () =>
    {
        var (fleet, key) = await StoredAsync();
        var silent = fleet["ams-2"];
        silent.Isolate(state);
        var late = await PendingThenCompleteAsync(fleet, key, silent);
        Assert.Equal(2, await silent.VersionAsync(key)); // still cut off: it asks the origin
        silent.Mend();
        Assert.Equal(2, await silent.VersionAsync(key));
        return late;
    });

    /// <returns>What it took beyond lease and margin.</returns>
    private static async Task<TimeSpan> PendingThenCompleteAsync(EdgeFleet fleet, int key, FleetNode silent)
    {
        var (start, by) = (Stopwatch.GetTimestamp(), fleet["ams-1"]);
        Assert.Equal(2, fleet.Origin.Bump(key));
        var reply = await by.PurgeAsync(key, timeout: "500ms");
        Assert.True(reply.IsPending, $"{reply.Status} {reply.Text}");
        Assert.Equal([silent.Id], reply.Pending);
        Assert.InRange(EndOf(reply), TimeSpan.FromMilliseconds(1), fleet.Lease + Margin);
        var others = fleet.Nodes.Where(node => node != silent).Select(node => node.Id);
        Assert.Equal(others.Order(), reply.Applied.Order());
        foreach (var node in fleet.Nodes.Where(node => node != silent))
            Assert.Equal(2, await node.VersionAsync(key));

        var ends = TimeSpan.Zero; // the latest end that was told, since the start; never told later than it was asked for
        while (true)
        {
            var asked = Stopwatch.GetElapsedTime(start);
            var receipt = await by.ReceiptAsync(reply.Position);
            var now = Stopwatch.GetElapsedTime(start);
            Assert.Equal(reply.Id, receipt.Id);
            if (receipt.IsComplete)
            {
                Assert.True(now >= ends, $"complete after {now}, and the lease was to end after {ends}");
                return now - fleet.Lease - Margin;
            }
            var end = EndOf(receipt);
            Assert.InRange(end, TimeSpan.Zero, fleet.Lease + Margin);
            ends = TimeSpan.FromTicks(Math.Max(ends.Ticks, (asked + end - Rounding).Ticks));
            Assert.True(now < fleet.Lease + Most, $"still pending after {now}: {receipt.Text}");
            await Task.Delay(50, TestContext.Current.CancellationToken); // another process: it can only be asked
        }
    }

    /// <summary>Of the lease of the one that it waits for, as the answer tells it.</summary>
    private static TimeSpan EndOf(PurgeReply pending) => TimeSpan.FromSeconds(Assert.Single(pending.Json.GetProperty("pending").EnumerateArray()).GetProperty("leaseEndsIn").GetDouble());

    /// <summary>Until one is not late.</summary>
    private static async Task InARoundAsync(Func<Task<TimeSpan>> round)
    {
        var late = new List<TimeSpan>();
        do
            late.Add(await round());
        while (late[^1] > Beyond && late.Count < Rounds);
        Assert.True(late[^1] <= Beyond, $"beyond lease and margin: {string.Join(", ", late)}");
    }

    private async Task<(EdgeFleet Fleet, int Key)> StoredAsync()
    {
        var (fleet, key) = (await region.ReadyAsync(), region.NewKey());
        foreach (var node in fleet.Nodes)
            await node.VersionAsync(key);
        return (fleet, key);
    }
}
