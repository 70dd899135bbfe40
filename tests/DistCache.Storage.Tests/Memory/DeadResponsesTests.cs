using System.Text;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Storage.Tests.Memory;

/// <summary>Expired and purged responses leave before any that can still answer.</summary>
public sealed class DeadResponsesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly PurgeIndex _purges = new();
    private readonly MemoryTier _tier;

    public DeadResponsesTests()
    {
        _tier = new(64 << 10, _time, _purges);
        // They came first and were never asked for: of the living /living0 leaves first.
        for (var i = 0; i < 5; i++)
            Store("/living" + i, Stored.Fresh(TimeSpan.FromDays(10)));
    }

    [Fact]
    public void The_expired_leave_first_however_wanted_they_were()
    {
        var expired = Store("/expired", Stored.Fresh(TimeSpan.FromMinutes(1)));
        _time.Advance(TimeSpan.FromMinutes(2));
        Visit(expired);
        Press();
        Assert.False(IsHere("/expired"));
        Assert.True(IsHere("/living0"));
    }

    [Fact]
    public void What_may_still_be_served_stale_is_not_dead()
    {
        Store("/stale", Stored.Fresh(TimeSpan.FromMinutes(1)) with { StaleIfError = TimeSpan.FromHours(1) });
        _time.Advance(TimeSpan.FromMinutes(2));
        Press();
        Assert.True(IsHere("/stale"));
        _time.Advance(TimeSpan.FromHours(1));
        Press();
        Assert.False(IsHere("/stale"));
    }

    [Fact]
    public void What_forbids_to_be_served_stale_is_dead_once_it_is_stale()
    {
        Store("/strict", Stored.Fresh(TimeSpan.FromMinutes(1)) with { StaleIfError = TimeSpan.FromHours(1), ForbidsStale = true });
        _time.Advance(TimeSpan.FromMinutes(2));
        Press();
        Assert.False(IsHere("/strict"));
    }

    [Fact]
    public void A_validator_is_worth_another_hour()
    {
        Store("/validator", Stored.Fresh(TimeSpan.FromMinutes(1)) with { HasValidator = true });
        _time.Advance(TimeSpan.FromMinutes(59));
        Press();
        Assert.True(IsHere("/validator"));
        _time.Advance(TimeSpan.FromMinutes(3));
        Press();
        Assert.False(IsHere("/validator"));
    }

    [Fact]
    public void The_purged_leave_first_however_wanted_they_were()
    {
        Visit(Store("/purged"));
        _purges.Apply([new(PurgeScope.Url, "http://test/purged")], PurgeMode.Hard, 0);
        Press();
        Assert.False(IsHere("/purged"));
        Assert.True(IsHere("/living0"));
    }

    [Fact]
    public void A_soft_purge_kills_nobody()
    {
        Store("/soft");
        _purges.Apply([new(PurgeScope.Url, "http://test/soft")], PurgeMode.Soft, 0);
        Press();
        Assert.True(IsHere("/soft"));
        Assert.False(IsHere("/living0"));
    }

    [Fact]
    public void A_purge_that_came_during_a_round_has_a_round_of_its_own()
    {
        var tier = new MemoryTier(16 << 20, _time, _purges);
        for (var i = 0; i < 5_000; i++) // more than one slice
            tier.Store(Stored.Response("/" + i, Body.Of(tier.Pool, "x"u8), tags: ["a"], receivedAt: _time.GetTimestamp()));
        _purges.Apply([new(PurgeScope.Tag, "nobody")], PurgeMode.Hard, 0);
        Press(tier);
        _purges.Apply([new(PurgeScope.Tag, "a")], PurgeMode.Hard, 0);
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Press(tier);
        }
        Assert.Equal(0, tier.Count);
    }

    [Fact]
    public void Whom_a_round_has_found_untouched_nobody_need_judge_again()
    {
        var untouched = Store("/untouched");
        _purges.Apply([new(PurgeScope.Url, "http://test/other")], PurgeMode.Hard, 0);
        Press();
        Assert.Equal(_purges.Version, untouched.Resident!.AsOf);
        _purges.Apply([new(PurgeScope.Url, "http://test/untouched")], PurgeMode.Hard, 0);
        _time.Advance(TimeSpan.FromSeconds(2));
        Press();
        Assert.False(IsHere("/untouched"));
    }

    [Fact]
    public void A_slice_ends_when_its_time_is_over_and_after_a_round_others_have_ten_times_as_long()
    {
        var clock = new SlowClock();
        var pool = new ChunkPool(16 << 20);
        var index = new ResidentIndex(pool);
        for (var i = 0; i < 5_000; i++)
            index.Add(Stored.Resident(pool, "/" + i, 100));
        var dead = new DeadResponses(index, clock, _purges);
        Assert.Empty(dead.Next());
        _purges.Apply([new(PurgeScope.Url, "http://test/other")], PurgeMode.Hard, 0);
        var slices = 0;
        do
        {
            var before = clock.GetTimestamp();
            Assert.Empty(dead.Next());
            Assert.InRange(clock.GetElapsedTime(before), TimeSpan.Zero, TimeSpan.FromMilliseconds(5));
            slices++;
        }
        while (dead.IsUnderWay);
        Assert.InRange(slices, 100, 5_000); // half a second at least that others waited for
        _purges.Apply([new(PurgeScope.Url, "http://test/other")], PurgeMode.Hard, 0);
        clock.Skip(TimeSpan.FromSeconds(2));
        dead.Next();
        Assert.False(dead.IsUnderWay);
        clock.Skip(TimeSpan.FromSeconds(30));
        dead.Next();
        Assert.True(dead.IsUnderWay);
    }

    /// <summary>Each look takes a millisecond.</summary>
    private sealed class SlowClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now += TimeSpan.TicksPerMillisecond;

        public void Skip(TimeSpan time) => _now += time.Ticks;
    }

    private StoredResponse Store(string key, ReuseFacts? reuse = null)
    {
        var response = Stored.Response(key, Body.Of(_tier.Pool, new byte[500]), reuse, receivedAt: _time.GetTimestamp());
        Assert.True(_tier.Store(response));
        return response;
    }

    private void Visit(StoredResponse response)
    {
        for (var i = 0; i < 5; i++)
            _tier.Hit(response);
    }

    /// <summary>Asks for a little more than is free, so that somebody has to leave.</summary>
    private void Press() => Press(_tier);

    private static void Press(MemoryTier tier) => tier.MakeRoom(tier.Pool.Capacity - tier.Pool.Used + 1);

    private bool IsHere(string key) => _tier.Find(Encoding.UTF8.GetBytes(key)) is not null;
}
