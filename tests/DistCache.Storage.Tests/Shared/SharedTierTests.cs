using DistCache.Storage.Keys;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;
using DistCache.Storage.Tests.Shared.Kit;

namespace DistCache.Storage.Tests.Shared;

public sealed class SharedTierTests
{
    [Fact]
    public async Task A_copy_ages_where_it_lies()
    {
        await using var tier = TierFixture.New();
        await tier.WriteAsync("k", "body"u8.ToArray());
        tier.Time.Advance(TimeSpan.FromSeconds(20));
        var found = Assert.IsType<SharedAnswer.Found>(await tier.FindAsync("k"));
        Assert.Equal(TimeSpan.FromSeconds(20), found.Residence);
        Assert.Equal(TimeSpan.FromSeconds(3), found.Envelope.Reuse.InitialAge);
    }

    [Fact]
    public async Task Nothing_lies_there_without_an_end()
    {
        await using var tier = TierFixture.New();
        await tier.WriteAsync("k", Copies.Bytes(5000), new VariantKey(["x"], ["1"]));
        await tier.FindAsync("other", wantsLease: true);
        Assert.NotEmpty(tier.Store.Names);
        tier.Time.Advance(SharedLifetime.Most + SharedLifetime.ReadTime);
        Assert.Empty(tier.Store.Names);
    }

    [Fact]
    public async Task A_copy_without_an_end_is_not_believed()
    {
        await using var tier = TierFixture.New();
        await tier.WriteAsync("k", "body"u8.ToArray());
        var name = tier.Store.Heads.Single();
        var bytes = tier.Store[name];
        tier.Store.Remove(name);
        tier.Store[name] = bytes;
        Assert.IsType<SharedAnswer.Missing>(await tier.FindAsync("k"));
        Assert.Equal(1, tier.Tier.Counts["rejected", "ageless"]);
    }

    [Fact]
    public async Task Names_of_Vary_cost_one_more_round_trip_once()
    {
        await using var tier = TierFixture.New();
        await tier.WriteAsync("k", "one"u8.ToArray(), new VariantKey(["x-device"], ["phone"]));
        await tier.WriteAsync("k", "two"u8.ToArray(), new VariantKey(["x-device"], [null]));
        Assert.Equal("one"u8.ToArray(), await tier.ReadAsync(await tier.FindAsync("k", fields: ("x-device", "phone"))));
        Assert.Equal(2, tier.Store.Finds);
        Assert.Equal("two"u8.ToArray(), await tier.ReadAsync(await tier.FindAsync("k")));
        Assert.IsType<SharedAnswer.Missing>(await tier.FindAsync("k", fields: ("x-device", "tv")));
        Assert.Equal(4, tier.Store.Finds);
    }

    [Fact] // rule 16, L6
    public async Task A_late_writing_as_of_earlier_does_not_replace_a_later_one()
    {
        var log = new TestLog();
        var one = TierFixture.New();
        await using var a = new TierFixture(one.Store, log, one.Time);
        await using var b = new TierFixture(one.Store, log, one.Time);
        log.Append(PurgeMode.Hard, new PurgeSelector(PurgeScope.Tag, "elsewhere"));
        b.Follower.Follow();
        await b.WriteAsync("k", "new"u8.ToArray());
        await a.WriteAsync("k", "old"u8.ToArray(), asOf: 0);
        Assert.Equal(1, a.Tier.Counts["write", "older"]);
        Assert.Equal("new"u8.ToArray(), await b.ReadAsync(await b.FindAsync("k")));
        await a.WriteAsync("k", "forced"u8.ToArray(), asOf: 0, replaces: true); // what stood there was unusable
        Assert.Equal("forced"u8.ToArray(), await b.ReadAsync(await b.FindAsync("k")));
    }

    [Fact]
    public async Task What_was_purged_meanwhile_is_not_written()
    {
        var log = new TestLog();
        var one = TierFixture.New();
        await using var a = new TierFixture(one.Store, log, one.Time);
        log.Append(PurgeMode.Hard, new PurgeSelector(PurgeScope.Tag, "a"));
        a.Follower.Follow();
        await a.WriteAsync("k", "old"u8.ToArray(), asOf: 0);
        Assert.Equal(1, a.Tier.Counts["write", "purged"]);
        Assert.Empty(a.Store.Names);
    }

    [Fact] // V5
    public async Task A_stamp_ahead_is_caught_up_with_once_and_one_of_a_lost_branch_is_a_miss()
    {
        var log = new TestLog();
        var one = TierFixture.New();
        await using var a = new TierFixture(one.Store, log, one.Time);
        await using var b = new TierFixture(one.Store, log, one.Time);
        log.Append(PurgeMode.Hard, new PurgeSelector(PurgeScope.Tag, "elsewhere"));
        a.Follower.Follow();
        await a.WriteAsync("k", "body"u8.ToArray());
        b.Follower.MayCatchUp = false;
        Assert.IsType<SharedAnswer.Missing>(await b.FindAsync("k"));
        Assert.Equal(1, b.Tier.Counts["rejected", "foreign-stamp"]);
        b.Follower.MayCatchUp = true;
        Assert.Equal(1, Assert.IsType<SharedAnswer.Found>(await b.FindAsync("k")).AsOf);

        log.Lose(1);
        log.Append(PurgeMode.Hard, new PurgeSelector(PurgeScope.Tag, "a")); // the same position, another record
        await using var c = new TierFixture(one.Store, log, one.Time);
        c.Follower.Follow();
        Assert.IsType<SharedAnswer.Missing>(await c.FindAsync("k"));
        Assert.Equal(1, c.Tier.Counts["rejected", "foreign-stamp"]);
    }

    [Fact]
    public async Task One_node_has_the_lease_and_its_writing_gives_it_back()
    {
        await using var tier = TierFixture.New();
        var mine = Assert.IsType<SharedAnswer.Missing>(await tier.FindAsync("k", wantsLease: true)).Lease;
        Assert.NotNull(mine);
        Assert.Equal(0, Assert.IsType<SharedAnswer.Held>(await tier.FindAsync("k", wantsLease: true)).AsOf);
        await tier.WriteAsync("k", "body"u8.ToArray(), lease: mine);
        Assert.Empty(tier.Store.Leases);
        Assert.IsType<SharedAnswer.Found>(await tier.FindAsync("k", wantsLease: true));
    }

    [Fact] // L9
    public async Task An_unusable_copy_is_fetched_anew_by_one()
    {
        await using var tier = TierFixture.New();
        await tier.WriteAsync("k", "body"u8.ToArray());
        var name = tier.Store.Heads.Single();
        tier.Store[name] = [.. tier.Store[name][..^1], 0];
        var mine = Assert.IsType<SharedAnswer.Missing>(await tier.FindAsync("k", wantsLease: true));
        Assert.True(mine is { Lease: not null, IsRejected: true });
        Assert.IsType<SharedAnswer.Held>(await tier.FindAsync("k", wantsLease: true));
        await tier.WriteAsync("k", "again"u8.ToArray(), lease: mine.Lease, replaces: true);
        Assert.Equal("again"u8.ToArray(), await tier.ReadAsync(await tier.FindAsync("k", wantsLease: true)));
    }

    [Fact]
    public async Task A_holder_that_dies_costs_one_lease()
    {
        await using var tier = TierFixture.New();
        tier.Store.Before = static () => Task.CompletedTask;
        Assert.NotNull(Assert.IsType<SharedAnswer.Missing>(await tier.FindAsync("k", wantsLease: true)).Lease);
        tier.Store.Before = static () => throw new IOException("the holder is cut off"); // its renewals no longer come
        tier.Time.Advance(tier.Tier.Options.Lease);
        tier.Store.Before = static () => Task.CompletedTask;
        Assert.NotNull(Assert.IsType<SharedAnswer.Missing>(await tier.FindAsync("k", wantsLease: true)).Lease);
    }

    [Fact]
    public async Task An_answer_that_cannot_be_shared_sends_nobody_to_wait()
    {
        await using var tier = TierFixture.New();
        Assert.IsType<SharedAnswer.Missing>(await tier.FindAsync("k", wantsLease: true)).Lease!.ReleaseAsUncacheable();
        Assert.IsType<SharedAnswer.Uncacheable>(await tier.FindAsync("k", wantsLease: true));
        tier.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.NotNull(Assert.IsType<SharedAnswer.Missing>(await tier.FindAsync("k", wantsLease: true)).Lease);
    }
}
