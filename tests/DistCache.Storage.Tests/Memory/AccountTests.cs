using DistCache.Storage.Bodies;
using DistCache.Storage.Memory;

namespace DistCache.Storage.Tests.Memory;

/// <summary>What counts against the capacity.</summary>
public sealed class AccountTests
{
    [Fact]
    public void Chunks_count_with_their_capacity_and_not_with_their_content()
    {
        var pool = new ChunkPool(1 << 20);
        var body = new Body(pool, null, whole: true);
        body.Append("x"u8);
        Assert.Equal(1024, pool.Used);
        Assert.Equal(1024, body.Footprint);
        body.Fail();
        body.Release();
        Assert.Equal(0, pool.Used);
    }

    [Fact]
    public void Windows_that_pass_through_are_none_of_the_tiers_up_to_64_MiB_together()
    {
        var tier = new MemoryTier(100 << 20);
        var windows = new List<Body>();
        while (tier.Pool.Used < 80 << 20)
        {
            var window = new Body(tier.Pool, null, whole: false);
            window.Append(new byte[Body.WindowBytes]);
            windows.Add(window);
        }
        Assert.True(tier.Pool.HasRoomFor(80 << 20));
        Assert.False(tier.Pool.HasRoomFor(90 << 20));
        foreach (var window in windows)
        {
            window.Fail();
            window.Release();
        }
        Assert.Equal(0, tier.Pool.Used);
        Assert.True(tier.Pool.HasRoomFor(100 << 20));
    }

    [Fact]
    public void A_whole_body_that_becomes_a_window_stops_counting()
    {
        var pool = new ChunkPool(1 << 20);
        var body = new Body(pool, 600_000, whole: true);
        using var reader = body.Read()!;
        body.Append(new byte[500_000]);
        Assert.False(pool.HasRoomFor(600_000));
        body.BecomeWindow();
        Assert.True(pool.HasRoomFor(1 << 20));
        body.Fail();
        body.Release();
    }
}
