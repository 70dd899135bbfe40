using System.Diagnostics;
using System.Globalization;
using System.Text;
using DistCache.Storage.Bodies;
using DistCache.Storage.Memory;
using DistCache.Storage.Responses;

namespace DistCache.Storage.Tests.Memory;

/// <summary>Another capacity while the tier is at work. Resident memory is the whole process's, so nothing else may run beside.</summary>
[CollectionDefinition(nameof(ResizeTests), DisableParallelization = true)]
[Collection(nameof(ResizeTests))]
public sealed class ResizeTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task Shrinking_lets_leave_what_is_too_much_and_keeps_the_wanted()
    {
        var tier = new MemoryTier(64 * MiB);
        for (var round = 0; round < 20; round++)
        {
            Fill(tier, 2_001, 2000, from: round * 2_001);
            for (var wanted = 20; wanted <= 2_000; wanted += 20)
                if (Find(tier, wanted) is { } response)
                    tier.Hit(response);
        }
        await tier.ResizeAsync(32 * MiB);
        Assert.Equal(32 * MiB, tier.Pool.Capacity);
        Assert.InRange(tier.Pool.Used, 12 * MiB, 32 * MiB); // the rest is in pages that others still keep
        Assert.InRange(Enumerable.Range(1, 100).Count(wanted => Find(tier, wanted * 20) is not null), 95, 100);
    }

    [Fact]
    public async Task Growing_takes_effect_at_once_and_nobody_leaves()
    {
        var tier = new MemoryTier(4 * MiB);
        Fill(tier, 1000, 2000);
        var before = tier.Count;
        Assert.True(tier.ResizeAsync(64 * MiB).IsCompletedSuccessfully);
        Assert.Equal(before, tier.Count);
        Assert.True(tier.MakeRoom(32 * MiB));
        Assert.Equal(before, tier.Count);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Growing_takes_effect_and_nobody_leaves_also_while_more_is_held_than_there_was_room_for()
    {
        var tier = new MemoryTier(4 * MiB);
        Fill(tier, 100, 2000);
        var underWay = Body.Of(tier.Pool, new byte[4_100_000]);
        await tier.ResizeAsync(16 * MiB);
        Assert.Equal((16 * MiB, 100), (tier.Pool.Capacity, tier.Count));
        underWay.Release();
    }

    [Fact]
    public async Task The_last_of_two_resizes_counts()
    {
        var tier = new MemoryTier(64 * MiB);
        Fill(tier, 20_000, 2000);
        var down = tier.ResizeAsync(2 * MiB);
        await tier.ResizeAsync(32 * MiB);
        await down;
        Assert.Equal(32 * MiB, tier.Pool.Capacity);
    }

    [Fact]
    public async Task What_readers_hold_does_not_keep_a_shrink_from_ending()
    {
        var tier = new MemoryTier(16 * MiB);
        Fill(tier, 100, 100_000);
        var held = Enumerable.Range(0, 100).Select(key => Find(tier, key)!).ToArray();
        Assert.All(held, response => Assert.True(response.Body.TryAcquire()));
        await tier.ResizeAsync(1 * MiB);
        Assert.Equal(1 * MiB, tier.Pool.Capacity);
        foreach (var response in held)
            response.Body.Release();
        Assert.True(tier.MakeRoom(500_000));
        Assert.InRange(tier.Pool.Used, 0, 1 * MiB);
    }

    [Fact]
    public void A_step_of_a_shrink_lets_leave_a_few_and_there_is_room_again_behind_each()
    {
        var tier = new MemoryTier(64 * MiB);
        Fill(tier, 40_000, 1000);
        var steps = 0;
        for (var (more, before) = (true, tier.Count); more; before = tier.Count, steps++)
        {
            more = tier.StepTowards(4 * MiB, resize: 0);
            Assert.InRange(before - tier.Count, 0, 300);
        }
        Assert.InRange(steps, 60, 1000);
        Assert.Equal(4 * MiB, tier.Pool.Capacity);
        Assert.InRange(tier.Pool.Used, 3 * MiB, 4 * MiB);
    }

    [Fact]
    public async Task Memory_goes_back_to_the_system_when_it_shrinks()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        var tier = new MemoryTier(256 * MiB);
        var before = Resident();
        Fill(tier, 2_000, 100_000);
        var full = Resident();
        Assert.InRange(full - before, 150 * MiB, 300 * MiB);
        await tier.ResizeAsync(4 * MiB);
        Assert.InRange(Resident() - before, long.MinValue, 40 * MiB);
    }

    [Fact]
    public void A_bound_of_32_GiB_does_not_touch_32_GiB()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        var before = Resident();
        var tier = new MemoryTier(32L << 30);
        Fill(tier, 1_000, 1000);
        Assert.InRange(Resident() - before, long.MinValue, 30 * MiB);
        GC.KeepAlive(tier);
    }

    [Fact]
    public void One_that_needs_room_waits_for_a_thousand_to_leave_and_no_longer()
    {
        var tier = new MemoryTier(32 * MiB);
        Fill(tier, 80_000, 100);
        var before = tier.Count;
        Assert.False(tier.MakeRoom(15 * MiB));
        Assert.InRange(before - tier.Count, 1, 1100);
        while (!tier.MakeRoom(15 * MiB))
            Assert.InRange(tier.Count, 1, before);
    }

    [Fact]
    public void By_its_own_account_it_fills_its_capacity_and_never_exceeds_it()
    {
        var tier = new MemoryTier(32 * MiB);
        var random = new Random(5);
        var most = 0L;
        for (var i = 0; i < 60_000; i++)
        {
            var length = (int)Math.Exp(random.NextDouble() * 11);
            if (tier.MakeRoom(Body.FootprintOf(length)))
                tier.Store(Stored.Response("/" + i, Body.Of(tier.Pool, new byte[length])));
            most = Math.Max(most, tier.Pool.Used);
        }
        Assert.InRange(most, 32 * MiB * 97 / 100, 32 * MiB * 103 / 100);
        Assert.InRange(tier.OwnBytes, 1, MiB);
    }

    private static void Fill(MemoryTier tier, int count, int length, int from = 0)
    {
        var bytes = new byte[length];
        for (var i = from; i < from + count; i++)
            if (tier.MakeRoom(Body.FootprintOf(length)))
                tier.Store(Stored.Response("/" + i, Body.Of(tier.Pool, bytes)));
    }

    private static StoredResponse? Find(MemoryTier tier, int key) =>
        tier.Find(Encoding.ASCII.GetBytes("/" + key.ToString(CultureInfo.InvariantCulture)))?.Responses[0];

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
