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
