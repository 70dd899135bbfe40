using DistCache.Storage.Shared;
using DistCache.Storage.Tests.Shared.Kit;

namespace DistCache.Storage.Tests.Shared;

/// <summary>F7, P8: what a store that fails may cost.</summary>
public sealed class SharedOutageTests
{
    [Fact]
    public async Task A_frozen_store_costs_the_budget_a_few_times_and_then_nothing()
    {
        await using var tier = TierFixture.New();
        await tier.WriteAsync("k", "body"u8.ToArray());
        var frozen = new TaskCompletionSource();
        tier.Store.Before = () => frozen.Task;
        for (var i = 0; i < 3; i++)
        {
            var asking = tier.FindAsync("k");
            Assert.False(asking.IsCompleted);
            tier.Time.Advance(tier.Tier.Options.Budget);
            Assert.IsType<SharedAnswer.Unavailable>(await asking);
        }
        Assert.Equal(3, tier.Tier.Counts["find", "timeout"]);
        var finds = tier.Store.Finds;
        for (var i = 0; i < 100; i++)
        {
            var asking = tier.FindAsync("k");
            Assert.True(asking.IsCompleted); // nobody waits any more
            Assert.IsType<SharedAnswer.Unavailable>(await asking);
        }
        Assert.Equal(finds, tier.Store.Finds);

        frozen.SetResult();
        tier.Store.Before = static () => Task.CompletedTask;
        await tier.UntilAsync(() => tier.Tier.IsAvailable);
        Assert.IsType<SharedAnswer.Found>(await tier.FindAsync("k"));
    }

    [Fact]
    public async Task A_store_that_refuses_is_a_miss_and_writes_are_dropped_not_kept_for_later()
    {
        await using var tier = TierFixture.New();
        tier.Store.Before = static () => throw new IOException("refused");
        for (var i = 0; i < 3; i++)
            Assert.IsType<SharedAnswer.Unavailable>(await tier.FindAsync("k"));
        Assert.False(tier.Tier.Writer.TryWrite(new(Copies.Response(tier.Pool, "k", "body"u8.ToArray(), tier.Time.GetTimestamp()), "1.1")));
        Assert.Equal(1, tier.Tier.Counts["write", "open"]);
        tier.Store.Before = static () => Task.CompletedTask;
        await tier.UntilAsync(() => tier.Tier.IsAvailable);
        Assert.Empty(tier.Store.Names);
    }

    /// <summary>NOPERM, MISCONF and the like: no breaker, and an operator has to know.</summary>
    [Fact]
    public async Task A_store_that_refuses_steadily_is_told_by_its_own_word_until_it_does_what_it_is_asked()
    {
        await using var tier = TierFixture.New();
        await tier.WriteAsync("k", "body"u8.ToArray());
        tier.Store.Before = static () => throw new StoreRefusal("NOPERM");
        for (var i = 0; i < Refusals.Steady; i++)
        {
            Assert.Null(tier.Tier.Refused);
            Assert.IsType<SharedAnswer.Unavailable>(await tier.FindAsync("k"));
        }
        Assert.Equal(("NOPERM", true), (tier.Tier.Refused, tier.Tier.IsAvailable));
        tier.Store.Before = static () => Task.CompletedTask;
        Assert.IsType<SharedAnswer.Found>(await tier.FindAsync("k"));
        Assert.Null(tier.Tier.Refused);
    }

    [Fact]
    public async Task A_store_that_is_full_is_told_though_it_answers_look_ups()
    {
        await using var tier = TierFixture.New();
        for (var i = 0; i < Refusals.Steady; i++)
        {
            tier.Store.Before = static () => throw new StoreRefusal("OOM");
            await tier.WriteAsync("k" + i, "body"u8.ToArray());
            tier.Store.Before = static () => Task.CompletedTask;
            Assert.IsType<SharedAnswer.Missing>(await tier.FindAsync("k" + i));
        }
        Assert.Equal("OOM", tier.Tier.Refused);
        await tier.WriteAsync("k", "body"u8.ToArray());
        Assert.Null(tier.Tier.Refused);
    }

    [Fact]
    public async Task Now_and_then_a_refusal_is_no_news_and_an_old_one_is_none_either()
    {
        await using var tier = TierFixture.New();
        for (var i = 0; i < 3 * Refusals.Steady; i++)
        {
            tier.Store.Before = i % Refusals.Steady == 0 ? static () => Task.CompletedTask : static () => throw new StoreRefusal("CLUSTERDOWN");
            await tier.FindAsync("k");
            Assert.Null(tier.Tier.Refused);
        }
        await tier.FindAsync("k");
        Assert.Equal("CLUSTERDOWN", tier.Tier.Refused);
        tier.Time.Advance(Refusals.Remembered);
        Assert.Null(tier.Tier.Refused);
    }

    [Fact]
    public async Task The_queue_is_bounded_and_what_waited_too_long_is_dropped()
    {
        await using var tier = TierFixture.New();
        var frozen = new TaskCompletionSource();
        tier.Store.Before = () => frozen.Task;
        var taken = 0;
        for (var i = 0; i < SharedWriter.MostEntries + 50; i++)
            taken += tier.Tier.Writer.TryWrite(new(Copies.Response(tier.Pool, "k" + i, [1], tier.Time.GetTimestamp()), "1.1")) ? 1 : 0;
        Assert.Equal(SharedWriter.MostEntries, taken);
        Assert.Equal(50, tier.Tier.Counts["write", "dropped"]);
        await tier.UntilAsync(() => tier.Tier.Writer.Pending == 0); // three run into their time limit, and the breaker opens
        Assert.Equal(0, tier.Tier.Counts["write", "stored"]);
        Assert.Equal(0, tier.Tier.Writer.PendingBytes);
        frozen.SetResult();
    }

    [Fact]
    public async Task A_lease_that_comes_after_its_time_limit_is_given_back()
    {
        await using var tier = TierFixture.New();
        var late = new TaskCompletionSource();
        tier.Store.Before = () => late.Task;
        var asking = tier.FindAsync("k", wantsLease: true);
        tier.Time.Advance(tier.Tier.Options.Budget);
        Assert.IsType<SharedAnswer.Unavailable>(await asking);
        tier.Store.Before = static () => Task.CompletedTask;
        late.SetResult();
        await tier.UntilAsync(() => !tier.Store.Leases.Any());
        Assert.NotNull(Assert.IsType<SharedAnswer.Missing>(await tier.FindAsync("k", wantsLease: true)).Lease);
    }
}
