using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using DistCache.Fleet.Tests.Simulation;
using DistCache.Storage.Purging;

namespace DistCache.Fleet.Tests.Following;

/// <summary>
/// Rule 7: how long a node that starts or comes back waits for its lease. What would go wrong without each of the conditions is told in <see cref="CounterexampleTests"/>.
/// </summary>
public sealed class LeaseWaitTests
{
    /// <summary>A lease and a margin, in beats of a second.</summary>
    private const int LongWay = 6;

    private readonly ScriptedFleet _fleet = new(ProtocolRules.All, PurgeIndexRules.All);

    [Fact]
    public async Task The_first_node_of_a_store_with_a_log_waits_a_lease_and_a_margin()
    {
        await _fleet.Log.AppendAsync(_fleet.Record(ScriptedNode.Other), 0, CancellationToken.None); // by somebody who is gone
        Assert.Equal(LongWay, await BeatsUntilLeaseAsync(_fleet.Start("a")));
    }

    [Fact]
    public async Task One_that_starts_again_has_it_with_its_first_beat_where_the_store_lost_nothing_since()
    {
        var node = await KnowingAsync("a");
        Assert.Equal(0, await BeatsUntilLeaseAsync(Restart("a", node)));
    }

    [Fact] // the word outlives who has given it: who was told it passes it on with its next beat
    public async Task So_has_one_that_starts_again_and_again()
    {
        var node = await KnowingAsync("a");
        for (var run = 0; run < 3; run++)
        {
            Assert.Equal(0, await BeatsUntilLeaseAsync(node = Restart("a", node)));
            await _fleet.PassAsync(1);
        }
    }

    [Fact]
    public async Task A_new_node_waits_until_each_other_has_beaten_once_more()
    {
        var other = await KnowingAsync("a");
        var node = _fleet.Start("b");
        await node.BeatAsync();
        await node.BeatAsync();
        Assert.False(node.HoldsLease);
        await other.BeatAsync();
        await node.BeatAsync();
        Assert.True(node.HoldsLease);
    }

    [Fact] // what it knows of the session is as true as before
    public async Task So_does_one_that_was_cut_off_for_longer_than_its_lease()
    {
        var other = await KnowingAsync("a");
        var node = _fleet.Start("b");
        await _fleet.PassAsync(2);
        node.Link.IsCut = true;
        await _fleet.PassAsync(8);
        Assert.False(node.HoldsLease);
        node.Link.IsCut = false;
        await node.BeatAsync();
        Assert.False(node.HoldsLease);
        await other.BeatAsync();
        await node.BeatAsync();
        Assert.True(node.HoldsLease);
    }

    [Fact]
    public async Task While_another_is_silent_it_goes_the_long_way()
    {
        await KnowingAsync("a");
        var other = _fleet.Start("b");
        await _fleet.PassAsync(2);
        _fleet.Crash(other);
        Assert.Equal(LongWay, await BeatsUntilLeaseAsync(_fleet.Start("c")));
    }

    [Fact]
    public async Task While_another_says_that_it_is_elsewhere_than_the_log_it_waits()
    {
        await KnowingAsync("a");
        var other = new MemberRow { Node = "b", Run = 1, Beat = 1, Lease = ScriptedFleet.Lease };
        var log = (await _fleet.Log.BeatAsync(new(other, 0, null, 1), CancellationToken.None))!.Log;
        var node = _fleet.Start("c");
        await node.BeatAsync();
        await _fleet.PassAsync(1);
        await SaysAsync(new Cursor(1, 99)); // it holds what the log has lost without another session
        Assert.False(node.HoldsLease);
        await SaysAsync(Cursor.Start); // that of before
        Assert.True(node.HoldsLease);

        async Task SaysAsync(Cursor applied)
        {
            other = other with { Beat = other.Beat + 1, Log = log, Applied = applied };
            await _fleet.Log.BeatAsync(new(other, log, applied, 1), CancellationToken.None);
            await node.BeatAsync();
        }
    }

    [Fact] // V6
    public async Task In_another_session_of_the_store_it_goes_the_long_way()
    {
        var node = await KnowingAsync("a");
        _fleet.Log.FailOver(0, _ => false);
        Assert.Equal(LongWay, await BeatsUntilLeaseAsync(Restart("a", node)));
    }

    [Fact] // V6: a log that was emptied, and made by another
    public async Task In_another_log_of_the_same_session_it_goes_the_long_way()
    {
        var node = await KnowingAsync("a");
        _fleet.Log.Flush();
        await _fleet.Log.BeatAsync(new(new() { Node = "b", Run = 1, HasLeft = true }, 0, null, 1), CancellationToken.None);
        Assert.Equal(LongWay, await BeatsUntilLeaseAsync(Restart("a", node)));
    }

    [Theory] // others may have joined that log meanwhile, have purged, and it may have lost that again
    [InlineData(2, 0)]
    [InlineData(7, LongWay)]
    public async Task Who_has_made_the_log_does_not_wait_unless_it_was_away_for_longer_than_a_lease(int seconds, int beats)
    {
        var node = await KnowingAsync("a");
        _fleet.Log.Flush();
        node.Link.IsCutAfterBeat = true;
        await node.BeatAsync(); // makes it; the next look would have brought the lease
        await _fleet.PassAsync(seconds);
        Assert.False(node.HoldsLease);
        node.Link.IsCut = false;
        Assert.Equal(beats, await BeatsUntilLeaseAsync(node));
    }

    [Fact]
    public async Task Where_the_store_does_not_tell_its_session_it_goes_the_long_way()
    {
        _fleet.Log.Tells = false;
        var node = await KnowingAsync("a");
        Assert.Equal(LongWay, await BeatsUntilLeaseAsync(Restart("a", node)));
    }

    [Theory] // V15: and for as long as that may take writes, who beats there holds a lease
    [InlineData(3, LongWay + 3)]
    [InlineData(null, LongWay)]
    public async Task Where_another_store_may_take_its_place_it_goes_the_long_way(int? seconds, int beats)
    {
        var node = await KnowingAsync("a");
        var again = Restart("a", node);
        again.Link.TakeOverTime = seconds is { } known ? TimeSpan.FromSeconds(known) : null;
        Assert.Equal(beats, await BeatsUntilLeaseAsync(again));
    }

    [Fact] // V15: what stands in the other one, it has not made
    public async Task So_does_who_has_made_the_log_there()
    {
        var node = _fleet.Start("a");
        node.Link.TakeOverTime = TimeSpan.FromSeconds(3);
        Assert.Equal(LongWay + 3, await BeatsUntilLeaseAsync(node));
    }

    [Fact] // F8: it knows the session, but not who else there is, and the others do not know of it
    public async Task Where_the_rows_were_evicted_while_it_was_cut_off_it_goes_the_long_way()
    {
        await KnowingAsync("a");
        var node = _fleet.Start("b");
        await _fleet.PassAsync(2);
        node.Link.IsCut = true;
        await _fleet.PassAsync(8);
        _fleet.Log.Evict();
        node.Link.IsCut = false;
        await node.BeatAsync();
        Assert.False(node.HoldsLease);
    }

    [Fact] // F8
    public async Task Where_the_rows_were_evicted_nobody_has_said_anything()
    {
        var node = await KnowingAsync("a");
        _fleet.Log.Evict();
        Assert.Equal(LongWay, await BeatsUntilLeaseAsync(Restart("a", node)));
    }

    [Fact]
    public async Task What_was_purged_while_it_was_away_is_known_before_it_serves()
    {
        var node = await KnowingAsync("a");
        var other = _fleet.Start("b");
        await _fleet.PassAsync(2);
        other.Fill();
        other.Share();
        _fleet.Crash(node);
        _fleet.Version = 2;
        await other.PurgeAsync(ScriptedNode.Page);
        await _fleet.PassAsync(7);
        Assert.True(_fleet.Look());
        await BeatsUntilLeaseAsync(_fleet.Start("a", node));
        _fleet.AskAll();
        Assert.Null(_fleet.Violation);
    }

    /// <summary>A node that has held its lease for long enough to speak for the session.</summary>
    private async Task<ScriptedNode> KnowingAsync(string name)
    {
        var node = _fleet.Start(name);
        await _fleet.PassAsync(LongWay + 2);
        Assert.True(node.HoldsLease);
        return node;
    }

    private ScriptedNode Restart(string name, ScriptedNode node)
    {
        _fleet.Crash(node);
        return _fleet.Start(name, node);
    }

    /// <summary>Beats a second apart after the first one.</summary>
    private async Task<int> BeatsUntilLeaseAsync(ScriptedNode node)
    {
        await node.BeatAsync();
        var beats = 0;
        for (; !node.HoldsLease && beats < 100; beats++)
            await _fleet.PassAsync(1);
        return beats;
    }
}
