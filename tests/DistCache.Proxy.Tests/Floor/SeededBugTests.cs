using DistCache.Storage.Purging;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Floor;

/// <summary>
/// The floor checker over whole edges of which one rule is off: each story is told twice, with all rules, where it must find nothing, and without the one,
/// where it must find that a read went below a purge that was complete.
/// </summary>
public sealed class SeededBugTests
{
    [Theory] // V1, rule 12
    [InlineData(PurgeMode.Hard, FloorBreach.BelowHardFloor)]
    [InlineData(PurgeMode.Soft, FloorBreach.FreshBelowSoftFloor)]
    public Task An_answer_that_a_purge_overtook_is_stored_for_those_who_come_after_it(PurgeMode mode, FloorBreach breach) => TellAsync(new() { Path = new() { AsOfStart = false } }, breach, async fleet =>
    {
        var (one, _) = await fleet.StartTwoAsync();
        var gate = fleet.Origin.Gate = new();
        var early = fleet.ReadAsync(one);
        await gate.Reached; // the answer is chosen, and on its way
        fleet.Origin.Gate = null;
        fleet.Write();
        await fleet.PurgeAsync(one, mode);
        gate.Open();
        await early;
        await FloorFleet.EndedAsync(one);
        await fleet.ReadAsync(one);
    });

    [Fact] // V2, rule 6
    public Task An_edge_that_was_left_out_serves_what_it_holds_unasked() => TellAsync(new() { Path = new() { Fences = false } }, FloorBreach.BelowHardFloor, async fleet =>
    {
        var (one, away) = await fleet.StartTwoAsync();
        await fleet.ReadAsync(away);
        away.Way.IsCut = true;
        fleet.Write();
        await fleet.PurgeAsync(one);
        Assert.False(away.Node.HoldsLease);
        await fleet.ReadAsync(away);
    });

    [Fact] // V9, rule 14
    public Task A_soft_purge_hides_the_hard_one_before_it() => TellAsync(new() { Index = new() { KeepsHardAndSoft = false } }, FloorBreach.BelowHardFloor, async fleet =>
    {
        var (one, another) = await fleet.StartTwoAsync();
        await fleet.ReadAsync(one);
        fleet.Write();
        await fleet.PurgeAsync(another);
        await fleet.PurgeAsync(another, PurgeMode.Soft);
        await fleet.ReadAsync(one);
    });

    [Fact] // V10 (iii), rule 4
    public Task A_purge_is_reported_before_it_can_be_seen() => TellAsync(new() { Protocol = new() { VisibleBeforeReported = false } }, FloorBreach.BelowHardFloor, async fleet =>
    {
        var (one, slow) = await fleet.StartTwoAsync();
        await fleet.ReadAsync(slow);
        fleet.Write();
        fleet.Hold(slow);
        await fleet.PurgeAsync(one);
        await fleet.ReadAsync(slow);
    });

    [Fact] // V4, rule 1
    public Task A_log_that_lost_records_and_has_others_in_their_place_is_taken_for_the_same() => TellAsync(new() { Protocol = new() { CursorsHaveLinks = false } }, FloorBreach.BelowHardFloor, async fleet =>
    {
        var (one, another) = await fleet.StartTwoAsync();
        await fleet.ReadAsync(one);
        await fleet.ReadAsync(another);
        await fleet.PurgeOtherAsync(one);
        one.Way.IsCut = another.Way.IsCut = true; // neither looks before others are there
        fleet.Log.FailOver(lost: 1);
        fleet.Write();
        var newcomer = await fleet.StartAsync("newcomer");
        var purge = await fleet.AppendAsync(newcomer);
        await fleet.AppendOtherAsync(newcomer);
        one.Way.IsCut = another.Way.IsCut = false;
        await fleet.CompleteAsync(purge);
        await fleet.ReadAsync(one);
        await fleet.ReadAsync(another);
    });

    private static async Task TellAsync(FloorRules off, FloorBreach breach, Func<FloorFleet, Task> story)
    {
        await using (var sound = new FloorFleet(new()))
        {
            await story(sound);
            Assert.Empty(sound.Check());
        }
        await using var broken = new FloorFleet(off);
        await story(broken);
        Assert.Contains(broken.Check(), found => found.Breach == breach);
    }
}
