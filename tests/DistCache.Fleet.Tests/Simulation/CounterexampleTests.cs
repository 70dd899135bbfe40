using DistCache.Fleet.Following;
using DistCache.Storage.Purging;

namespace DistCache.Fleet.Tests.Simulation;

/// <summary>
/// Rules whose counterexample random schedules do not meet, each with a story of its own, told twice: with all rules the floor holds in it and
/// the fleet ends well; without the one rule it is violated. The V numbers are those of the protocol's description.
/// </summary>
public sealed class CounterexampleTests
{
    private static readonly TimeSpan LongerThanALease = TimeSpan.FromSeconds(7);

    // An append that is sent again after a fail-over lands at its old position behind another record: its sender had no answer, and one edge had it
    // already. By position and id that edge is where the log is, for ever.
    [Fact]
    public Task Rule_1_a_record_that_is_sent_again_into_its_old_place_does_not_hide_what_stands_before_it_now() => TellAsync(new() { LinksBindHistory = false }, async fleet =>
    {
        var (one, other) = await StartTwoAsync(fleet);
        one.Fill();
        await one.PurgeAsync(ScriptedNode.Other);
        var repeated = fleet.Record(ScriptedNode.Other);
        await fleet.Log.AppendAsync(repeated, 0, CancellationToken.None); // by the other, which hears no answer
        await one.BeatAsync();
        fleet.Log.FailOver(2, _ => false);
        fleet.Version = 2;
        await other.PurgeAsync(ScriptedNode.Page);
        await other.PurgeAsync(repeated);
        await fleet.PassAsync(8);
        Assert.True(fleet.Look());
        Assert.True(one.HoldsLease);
    });

    [Fact] // the bell of the first was lost
    public Task Rule_2_what_the_bell_has_skipped_is_read_from_the_log() => TellAsync(new() { HolesAreRead = false }, async fleet =>
    {
        var (one, other) = await StartTwoAsync(fleet);
        one.Fill();
        fleet.Version = 2;
        await other.PurgeAsync(ScriptedNode.Page);
        Assert.Equal(!fleet.Rules.HolesAreRead, one.Ring(await other.PurgeAsync(ScriptedNode.Other)));
        await fleet.PassAsync(2);
        Assert.True(fleet.Look());
        Assert.True(one.HoldsLease);
    });

    [Fact] // V6 (iii): a power cut takes the log's last record and the only edge that knew it
    public Task Rule_4_a_purge_that_the_log_forgot_while_its_only_edge_was_down_is_known_from_the_journal() => TellAsync(new() { KeepsJournal = false }, async fleet =>
    {
        var edge = fleet.Start("a");
        await fleet.PassAsync(7);
        edge.Fill();
        edge.Share();
        fleet.Version = 2;
        await edge.PurgeAsync(ScriptedNode.Page);
        await fleet.PassAsync(1);
        Assert.True(fleet.Look());
        fleet.Log.FailOver(1, _ => false);
        fleet.Crash(edge);
        var again = fleet.Start("a", edge);
        await fleet.PassAsync(8);
        Assert.True(again.HoldsLease);
    });

    [Fact] // a node that was left out comes back, and has pages to read
    public Task Rule_5_a_beat_that_brought_a_part_of_what_was_missed_renews_no_lease() => TellAsync(new() { LeaseNeedsAllApplied = false }, async fleet =>
    {
        var (away, other) = await StartTwoAsync(fleet);
        away.Fill();
        away.Link.IsCut = true;
        fleet.Version = 2;
        for (var i = 0; i < 3 * Follower.Page; i++)
            await other.PurgeAsync(ScriptedNode.Other);
        await other.PurgeAsync(ScriptedNode.Page);
        await fleet.PassAsync(7);
        Assert.True(fleet.Look());
        away.Link.IsCut = false;
        for (var beat = 0; beat < 3; beat++) // as seldom as a lease allows
        {
            fleet.Time.Advance(ScriptedFleet.Lease);
            await away.BeatAsync();
        }
        Assert.True(away.HoldsLease);
        away.Ask();
    });

    [Fact] // V6 (ii): back from its fence, memory intact, before those who know the purge have put it back
    public Task Rule_7_who_comes_back_to_a_log_that_forgot_waits_for_those_who_know() => TellAsync(new() { WaitsForLease = false }, async fleet =>
    {
        var (away, other) = await StartTwoAsync(fleet);
        away.Fill();
        fleet.Version = 2;
        away.Link.IsCut = true;
        await other.PurgeAsync(ScriptedNode.Page);
        await fleet.PassAsync(7);
        Assert.True(fleet.Look());
        fleet.Log.FailOver(1, _ => false);
        away.Link.IsCut = false;
        await away.BeatAsync();
        away.Ask();
    });

    [Fact] // V6 (i): a new node beats before those who know the purge have put it back; the store has lost their rows too, so it knows of nobody
    public Task Rule_7_who_starts_takes_no_short_way_in_a_session_that_nobody_speaks_for() => TellAsync(new() { NeedsWordOfSession = false }, async fleet =>
    {
        var (one, _) = await StartTwoAsync(fleet);
        one.Fill();
        one.Share();
        fleet.Version = 2;
        await one.PurgeAsync(ScriptedNode.Page);
        await fleet.PassAsync(3);
        Assert.True(fleet.Look());
        fleet.Log.FailOver(1, _ => true);
        var newcomer = fleet.Start("c");
        await newcomer.BeatAsync();
        newcomer.Ask();
    });

    [Fact] // F8: the rows are evicted between the newcomer's first beat and the coordinator's next read
    public Task Rule_7_who_takes_the_short_way_is_known_to_all_before_it_serves() => TellAsync(new() { WaitsToBeKnown = false }, async fleet =>
    {
        var (one, other) = await StartTwoAsync(fleet);
        one.Fill();
        one.Share();
        await fleet.PassAsync(1);
        var newcomer = fleet.Start("c");
        await newcomer.BeatAsync();
        Assert.Equal(!fleet.Rules.WaitsToBeKnown, newcomer.HoldsLease);
        fleet.Log.Evict();
        fleet.Version = 2;
        await one.PurgeAsync(ScriptedNode.Page);
        fleet.Time.Advance(TimeSpan.FromMilliseconds(10));
        await one.BeatAsync();
        await other.BeatAsync(); // to hear of it
        await other.BeatAsync(); // to say so
        await one.ReadAsync();
        Assert.True(fleet.Look());
        newcomer.Ask();
    });

    // V4: a position is used again. Where the store tells that another one answers, the coordinator's watch begins anew, and is over only when
    // the other's lease is: alone the switch can do no harm there. This store does not tell (who may not ask for INFO, behind a proxy that keeps the connection).
    [Fact]
    public Task Rule_8_another_record_at_the_same_position_is_not_this_one() => TellAsync(new() { AppliedByHistory = false }, async fleet =>
    {
        fleet.Log.Tells = false;
        var (one, other) = await StartTwoAsync(fleet);
        one.Fill();
        await one.PurgeAsync(ScriptedNode.Other);
        await one.BeatAsync();
        fleet.Log.FailOver(1, _ => false);
        fleet.Version = 2;
        await other.PurgeAsync(ScriptedNode.Page);
        fleet.Time.Advance(TimeSpan.FromMilliseconds(10));
        await other.BeatAsync();
        fleet.Look();
        Assert.True(one.HoldsLease);
        one.Ask();
    });

    // Who joined while the coordinator was cut off is in no read of its. A coordinator that has beaten since the append has read since the
    // append, and waits for its own report: so the switch matters only to one that has left itself out, its beats being lost and its reads not.
    [Fact]
    public Task Rule_8_a_read_before_the_append_does_not_show_who_has_joined_since() => TellAsync(new() { NeedsReadAfterAppend = false }, async fleet =>
    {
        var coordinator = fleet.Start("a");
        await fleet.PassAsync(7);
        coordinator.Link.LosesBeats = true;
        for (var read = 0; read < 7; read++)
        {
            fleet.Time.Advance(TimeSpan.FromSeconds(1));
            await coordinator.ReadAsync();
        }
        coordinator.Link.IsCut = true;
        var joined = fleet.Start("b");
        await fleet.PassAsync(8);
        joined.Fill();
        fleet.Version = 2;
        coordinator.Link.IsCut = false;
        await coordinator.PurgeAsync(ScriptedNode.Page);
        fleet.Look();
        Assert.True(joined.HoldsLease);
        joined.Ask();
        coordinator.Link.LosesBeats = false;
    });

    [Fact] // a coordinator that was stopped must not count its sleep; the fail-over makes it matter, for else the other's beats bring it the record
    public Task Rule_8_who_has_slept_leaves_nobody_out_before_it_has_read_again() => TellAsync(new() { LeavesOutByTwoReads = false }, async fleet =>
    {
        var (one, coordinator) = await StartTwoAsync(fleet);
        one.Fill();
        fleet.Version = 2;
        await coordinator.PurgeAsync(ScriptedNode.Page);
        fleet.Time.Advance(TimeSpan.FromMilliseconds(10));
        await coordinator.BeatAsync();
        Assert.False(fleet.Look());
        coordinator.IsStopped = true;
        fleet.Log.FailOver(1, _ => false);
        await fleet.PassAsync(7);
        coordinator.IsStopped = false;
        fleet.Look();
        Assert.True(one.HoldsLease);
        one.Ask();
    });

    // Seed 467 of the simulation with 11 s, an eviction and a cut: the beat that renewed the lease was written, answered and evicted between two reads.
    [Fact]
    public Task Rule_8_a_row_that_is_gone_does_not_show_that_its_node_was_silent_until_then() => TellAsync(new() { MissingIsNotSilent = false }, async fleet =>
    {
        var (one, other) = await StartTwoAsync(fleet);
        one.Fill();
        fleet.Time.Advance(TimeSpan.FromSeconds(1));
        await one.BeatAsync();
        one.Link.IsCut = true;
        fleet.Log.Evict();
        fleet.Version = 2;
        await other.PurgeAsync(ScriptedNode.Page);
        for (var read = 0; read < 9; read++)
        {
            fleet.Time.Advance(TimeSpan.FromMilliseconds(500));
            await other.BeatAsync();
        }
        fleet.Look();
        Assert.True(one.HoldsLease);
        one.Ask();
    });

    // Who has applied a purge knows it for ever, whatever the log forgets: the harm is done to who comes later, and learns of it from the log alone.
    [Fact]
    public Task Rule_9_who_comes_after_the_log_has_forgotten_a_purge_learns_of_it_all_the_same() => TellAsync(new() { PutsBack = false }, async fleet =>
    {
        var (one, other) = await StartTwoAsync(fleet);
        one.Fill();
        one.Share();
        fleet.Version = 2;
        await other.PurgeAsync(ScriptedNode.Page);
        await fleet.PassAsync(3);
        Assert.True(fleet.Look());
        fleet.Log.FailOver(1, _ => false);
        await fleet.PassAsync(1);
        var newcomer = fleet.Start("c");
        await fleet.PassAsync(8);
        Assert.True(newcomer.HoldsLease);
    });

    [Fact] // V5: the stamp of a lost branch, whose writer is dead
    public Task Rule_16_a_stamp_of_a_lost_branch_is_not_one_of_this() => TellAsync(new() { StampsHaveLinks = false }, async fleet =>
    {
        var (writer, reader) = await StartTwoAsync(fleet);
        await writer.PurgeAsync(ScriptedNode.Other);
        writer.Fill();
        writer.Share();
        fleet.Crash(writer);
        fleet.Log.FailOver(1, _ => false);
        fleet.Version = 2;
        await reader.PurgeAsync(ScriptedNode.Page);
        await fleet.PassAsync(8);
        Assert.True(fleet.Look());
        Assert.True(reader.HoldsLease);
    });

    [Fact] // V9
    public Task Rule_14_a_soft_purge_does_not_hide_the_hard_one_before_it() => TellAsync(ProtocolRules.All, index: new() { KeepsHardAndSoft = false }, story: async fleet =>
    {
        var edge = fleet.Start("a");
        await fleet.PassAsync(7);
        edge.Fill();
        fleet.Version = 2;
        await edge.PurgeAsync(ScriptedNode.Page);
        await edge.PurgeAsync(ScriptedNode.Page, PurgeMode.Soft);
        await fleet.PassAsync(1);
        Assert.True(fleet.Look());
    });

    [Fact] // L7
    public Task Rule_14_what_the_index_has_no_room_for_is_folded_and_not_forgotten() => TellAsync(ProtocolRules.All, index: new() { FoldsOldest = false }, story: async fleet =>
    {
        var edge = fleet.Start("a");
        await fleet.PassAsync(7);
        edge.Fill();
        fleet.Version = 2;
        await edge.PurgeAsync(ScriptedNode.Page);
        await edge.PurgeAsync(ScriptedNode.Other);
        await fleet.PassAsync(1);
        Assert.True(fleet.Look());
    });

    [Fact] // the last resort of a full index
    public Task Rule_14_a_prefix_that_the_index_has_no_room_for_is_a_purge_of_everything() => TellAsync(ProtocolRules.All, index: new() { OldestPrefixIsAll = false }, story: async fleet =>
    {
        var edge = fleet.Start("a");
        await fleet.PassAsync(7);
        edge.Fill();
        fleet.Version = 2;
        await edge.PurgeAsync(ScriptedNode.Prefix);
        for (var i = 0; i <= PurgeIndex.MostPrefixes; i++)
            await edge.PurgeAsync(new PurgeSelector(PurgeScope.Prefix, $"other.example/{i}/"));
        await fleet.PassAsync(1);
        Assert.True(fleet.Look());
    });

    [Fact] // V5: "the same with as-of greater than the head"
    public Task Rule_16_a_stamp_ahead_is_not_believed() => TellAsync(new() { AheadIsUnknown = false }, async fleet =>
    {
        var (writer, reader) = await StartTwoAsync(fleet);
        for (var i = 0; i < 3; i++)
            await writer.PurgeAsync(ScriptedNode.Other);
        writer.Fill();
        writer.Share();
        fleet.Crash(writer);
        fleet.Log.FailOver(3, _ => false);
        fleet.Version = 2;
        await reader.PurgeAsync(ScriptedNode.Page);
        await fleet.PassAsync(8);
        Assert.True(fleet.Look());
        Assert.True(reader.HoldsLease);
    });

    [Fact] // before their first records two logs begin alike
    public Task Rule_16_a_stamp_of_another_log_says_nothing() => TellAsync(new() { StampsNameLog = false }, async fleet =>
    {
        var writer = fleet.Start("a");
        await fleet.PassAsync(7);
        writer.Fill();
        writer.Share();
        fleet.Version = 2;
        await writer.PurgeAsync(ScriptedNode.Page);
        await fleet.PassAsync(1);
        Assert.True(fleet.Look());
        fleet.Crash(writer);
        fleet.Log.Flush();
        var newcomer = fleet.Start("b");
        await fleet.PassAsync(8);
        Assert.True(newcomer.HoldsLease);
    });

    [Fact] // V17
    public Task Rule_18_what_carried_too_many_tags_is_selected_by_every_tag() => TellAsync(ProtocolRules.All, index: new() { AnyTagSelectsUnknown = false }, story: async fleet =>
    {
        var edge = fleet.Start("a");
        edge.HasTooManyTags = true;
        await fleet.PassAsync(7);
        edge.Fill();
        fleet.Version = 2;
        await edge.PurgeAsync(ScriptedNode.Page);
        await fleet.PassAsync(1);
        Assert.True(fleet.Look());
    });

    [Theory] // bounded: a purge binds once it is older than MaxLag, complete or not
    [InlineData(true, null)]
    [InlineData(false, 1)]
    public async Task Rule_21_a_bell_that_comes_late_does_not_make_the_log_known_newly(bool bellsDoNotCount, int? served)
    {
        var fleet = new ScriptedFleet(new() { BellsDoNotCount = bellsDoNotCount }, PurgeIndexRules.All);
        var (one, other) = await StartTwoAsync(fleet);
        one.Fill();
        var maxLag = TimeSpan.FromSeconds(2);
        Assert.Equal(1, one.Bounded(maxLag));
        var first = await other.PurgeAsync(ScriptedNode.Other);
        fleet.Version = 2;
        await other.PurgeAsync(ScriptedNode.Page);
        fleet.Time.Advance(2 * maxLag);
        Assert.True(one.Ring(first));
        Assert.True(one.HoldsLease);
        Assert.Equal(served, one.Bounded(maxLag));
    }

    [Fact] // V15 and V6: a primary that was replaced has taken its beats, so it was silent for all others, and holds a lease when it comes back
    public Task Rule_7_who_was_forgotten_waits_although_it_believes_in_its_lease() => TellAsync(new() { HearsThatItWasForgotten = false }, async fleet =>
    {
        var (away, other) = await StartTwoAsync(fleet);
        (away.Link.TakeOverTime, other.Link.TakeOverTime) = (null, null);
        away.Fill();
        var replaced = new SimulatedLog(fleet.Time, fleet.Rules, () => away.Log);
        away.Link.Log = replaced;
        fleet.Version = 2;
        await other.PurgeAsync(ScriptedNode.Page);
        for (var second = 0; second < 20; second++)
        {
            fleet.Time.Advance(TimeSpan.FromSeconds(1));
            await away.BeatAsync();
            await other.BeatAsync();
        }
        Assert.True(away.HoldsLease);
        Assert.False(fleet.Look());
        Assert.True(await fleet.Log.ForgetAsync((await fleet.Log.MembersAsync(CancellationToken.None))!.Rows.Single(row => row.Node == away.Name), CancellationToken.None));
        await other.BeatAsync();
        Assert.True(fleet.Look()); // by the word of somebody who was wrong: what away serves until it comes back is on him

        fleet.Log.FailOver(lost: 1, _ => false); // and who knows the purge has not put it back yet
        away.Link.Log = fleet.Log;
        await away.BeatAsync();
        away.Ask();
    });

    [Fact] // V15: a primary that was replaced goes on taking the beats, and the purges, of who has not heard of it
    public Task Rule_7_a_node_waits_for_as_long_as_another_may_be_heard_elsewhere() => TellAsync(new() { WaitsForTakeOver = false }, async fleet =>
    {
        var away = fleet.Start("a");
        away.Link.TakeOverTime = TimeSpan.FromSeconds(15);
        await fleet.PassAsync(25);
        Assert.True(away.HoldsLease);
        away.Fill();
        away.Share();
        var promoted = new SimulatedLog(fleet.Time, fleet.Rules, () => away.Log);
        var comes = fleet.Start("b");
        (comes.Link.Log, comes.Link.TakeOverTime) = (promoted, away.Link.TakeOverTime);
        await fleet.PassAsync((int)LongerThanALease.TotalSeconds + 1);
        fleet.Version = 2;
        await away.PurgeAsync(ScriptedNode.Page);
        await away.BeatAsync();
        Assert.True(fleet.Look());
        comes.Ask();
        away.Link.Log = promoted; // in time: it tells it there
    });

    private static async Task<(ScriptedNode, ScriptedNode)> StartTwoAsync(ScriptedFleet fleet)
    {
        var (one, other) = (fleet.Start("a"), fleet.Start("b"));
        await fleet.PassAsync((int)LongerThanALease.TotalSeconds);
        Assert.True(one.HoldsLease && other.HoldsLease);
        return (one, other);
    }

    /// <summary>Told with all rules, and without what is switched off.</summary>
    private static async Task TellAsync(ProtocolRules off, Func<ScriptedFleet, Task> story, PurgeIndexRules? index = null)
    {
        var sound = new ScriptedFleet(ProtocolRules.All, PurgeIndexRules.All);
        await story(sound);
        await sound.PassAsync(20);
        Assert.True(sound.Look());
        Assert.Null(sound.Violation);
        var broken = new ScriptedFleet(off, index ?? PurgeIndexRules.All);
        await story(broken);
        Assert.NotNull(broken.Violation);
    }
}
