using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>The checker itself: what it must catch, what it must let pass, and seeded histories against a slow judge that looks at every pair.</summary>
public class FloorCheckerTests
{
    [Fact]
    public void A_read_that_began_after_a_complete_purge_may_not_be_older() =>
        Assert.Equal(
            [FloorBreach.BelowHardFloor],
            Breaches([Read(invoked: 21, completed: 25, version: 1)], [Write(10, 2)], [Hard(20, 2)]));

    [Theory]
    [InlineData(19, 30)] // began before: it may still end with the old one
    [InlineData(20, 30)] // at the same tick: nobody knows
    public void A_read_that_began_before_the_acknowledgement_may(long invoked, long completed) =>
        Assert.Empty(Breaches([Read(invoked, completed, version: 1)], [Write(10, 2)], [Hard(20, 2)]));

    [Fact]
    public void After_a_soft_purge_an_older_one_may_come_but_not_as_fresh()
    {
        Assert.Empty(Breaches([Read(21, 22, 1, isFresh: false)], [Write(10, 2)], [Soft(20, 2)]));
        Assert.Equal([FloorBreach.FreshBelowSoftFloor], Breaches([Read(21, 22, 1)], [Write(10, 2)], [Soft(20, 2)]));
    }

    [Fact]
    public void A_soft_purge_lowers_no_hard_floor() =>
        Assert.Equal(
            [FloorBreach.BelowHardFloor],
            Breaches([Read(31, 32, 1, isFresh: false)], [Write(10, 2), Write(11, 3)], [Hard(20, 2), Soft(30, 3)]));

    [Fact]
    public void A_floor_is_never_lowered_by_a_purge_that_was_sent_earlier_and_acknowledged_later() =>
        Assert.Equal(
            [FloorBreach.BelowHardFloor],
            Breaches([Read(31, 32, 2)], [Write(10, 2), Write(11, 3)], [Hard(20, 3), Hard(30, 2)]));

    [Fact]
    public void Keys_have_nothing_to_do_with_each_other() =>
        Assert.Empty(Breaches([Read(21, 22, 1, key: 1)], [Write(10, 2)], [Hard(20, 2)]));

    [Fact]
    public void A_version_that_did_not_exist_yet_is_a_wrong_history()
    {
        Assert.Equal([FloorBreach.FromTheFuture], Breaches([Read(5, 9, 2)], [Write(10, 2)], []));
        Assert.Empty(Breaches([Read(5, 10, 2)], [Write(10, 2)], []));
        Assert.Empty(Breaches([Read(5, 9, 1)], [], []));
    }

    [Fact]
    public void It_finds_what_a_judge_finds_who_looks_at_every_pair()
    {
        var violated = 0;
        for (var seed = 0; seed < 500; seed++)
        {
            var history = SeededHistory.Make(new Random(seed), steps: 60);
            var found = FloorChecker.Check([.. history.Reads], [.. history.Writes], [.. history.Purges]).Select(found => (found.Breach, found.Read)).ToHashSet();
            var expected = history.Reads.SelectMany(read => history.Judge(read).Select(breach => (breach, read))).ToHashSet();
            Assert.True(expected.SetEquals(found), $"seed {seed}: expected {string.Join(", ", expected)}, found {string.Join(", ", found)}");
            violated += expected.Count > 0 ? 1 : 0;
        }

        Assert.InRange(violated, 100, 499); // Neither all good nor all bad, or nothing was tried.
    }

    [Fact]
    public void A_history_without_a_fault_passes_and_each_seeded_bug_in_it_is_caught()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var history = SeededHistory.MakeSound(new Random(seed), steps: 80);
            Assert.Empty(FloorChecker.Check([.. history.Reads], [.. history.Writes], [.. history.Purges]));

            // One read that goes back below a floor of its key, by one version.
            if (history.ReadBelowFloor(new Random(seed)) is not { } bad)
                continue;
            Assert.Contains(FloorChecker.Check([.. history.Reads, bad], [.. history.Writes], [.. history.Purges]), found => found.Read == bad);
        }
    }

    [Fact]
    public void Ten_million_reads_are_a_matter_of_seconds()
    {
        var count = LongForm.Asked ? 10_000_000 : 1_000_000;
        var random = new Random(1);
        var reads = new FloorRead[count];
        for (var i = 0; i < count; i++)
            reads[i] = new FloorRead(random.Next(), int.MaxValue, 1, (short)random.Next(64), 0, true);
        var start = TimeProvider.System.GetTimestamp();
        Assert.Empty(FloorChecker.Check(reads, [], []));
        var taken = TimeProvider.System.GetElapsedTime(start);
        Assert.True(taken < TimeSpan.FromSeconds(60), $"{taken}");
    }

    private static FloorBreach[] Breaches(FloorRead[] reads, FloorWrite[] writes, FloorPurge[] purges) =>
        [.. FloorChecker.Check(reads, writes, purges).Select(violation => violation.Breach)];

    private static FloorRead Read(long invoked, long completed, long version, bool isFresh = true, short key = 0) =>
        new(invoked, completed, version, key, Edge: 0, isFresh);

    private static FloorWrite Write(long invoked, long version) => new(invoked, 0, version);

    private static FloorPurge Hard(long acknowledged, long version) => new(acknowledged, 0, version, IsSoft: false);

    private static FloorPurge Soft(long acknowledged, long version) => new(acknowledged, 0, version, IsSoft: true);
}
