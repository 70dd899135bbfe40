using System.Text;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.Storage.Tests.Memory;

public sealed class MemoryTierTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_was_stored_is_found_by_the_bytes_of_its_key()
    {
        var tier = new MemoryTier(1 << 20);
        var stored = Make(tier, "/a", 100);
        Assert.True(tier.Store(stored));
        Assert.True(stored.Is(tier.Find(Encoding.ASCII.GetBytes("/a"))!.Responses[0]));
        Assert.Null(tier.Find("/b"u8));
    }

    [Fact]
    public void Bodies_fields_and_keys_stay_within_the_capacity_however_much_is_stored()
    {
        var tier = new MemoryTier(1 << 20);
        for (var i = 0; i < 5_000; i++)
        {
            Assert.True(tier.MakeRoom(1500));
            tier.Store(Make(tier, "/" + i, 1500));
            Assert.InRange(tier.Pool.Used, 0, 1 << 20);
        }
        Assert.InRange(tier.Count, 100, 600);
    }

    [Fact]
    public void Everything_is_given_back_when_everything_has_left()
    {
        var tier = new MemoryTier(1 << 20);
        for (var i = 0; i < 100; i++)
            tier.Store(Make(tier, "/" + i, 1000));
        for (var i = 0; i < 100; i++)
            Assert.True(tier.Remove(new CacheKey(Encoding.ASCII.GetBytes("/" + i))));
        Assert.Equal(tier.OwnBytes, tier.Pool.Used);
        Assert.Equal(0, tier.Count);
    }

    [Fact]
    public void A_response_that_was_hit_outlives_those_that_were_not()
    {
        var tier = new MemoryTier(1 << 20);
        var wanted = Make(tier, "/wanted", 1000);
        tier.Store(wanted);
        for (var i = 0; i < 2_000; i++)
        {
            tier.Hit(wanted);
            tier.MakeRoom(1000);
            tier.Store(Make(tier, "/" + i, 1000));
        }
        Assert.NotNull(tier.Find("/wanted"u8));
    }

    [Fact]
    public void Whoever_came_is_there_or_has_been_counted_out()
    {
        const int came = 3_000;
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var tier = new MemoryTier(1 << 19, time);
        for (var i = 0; i < came; i++)
        {
            var response = Make(tier, "/" + i, 1000, receivedAt: time.GetTimestamp());
            tier.Store(response);
            for (var hits = 0; hits < i % 3; hits++)
                tier.Hit(response);
            time.Advance(TimeSpan.FromSeconds(5)); // so that some may be past their use when room is needed
        }
        var counts = tier.Counts;
        Assert.Equal(came, tier.Count + counts.EvictedForRoom + counts.EvictedDead + counts.RefusedNewcomers + counts.RefusedHeld);
        Assert.All(new[] { counts.EvictedForRoom + counts.RefusedNewcomers, tier.ResidentBytes }, count => Assert.True(count > 0));
        Assert.InRange(tier.ResidentBytes, 1, tier.Pool.Used);
    }

    [Fact]
    public void An_evicted_body_stays_readable_for_who_still_holds_it_and_its_bytes_stay_counted()
    {
        var tier = new MemoryTier(1 << 20);
        var stored = Make(tier, "/held", 1000);
        tier.Store(stored);
        Assert.True(stored.Body.TryAcquire());
        tier.Remove(stored.Key);
        Assert.Equal((byte)'x', stored.Body.At(999)[0]);
        Assert.NotEqual(0, tier.Pool.Used);
        stored.Body.Release();
        Assert.Equal(tier.OwnBytes, tier.Pool.Used);
    }

    [Fact]
    public void A_newer_response_of_a_variant_takes_the_place_of_the_older() // RFC 9111 §4
    {
        var tier = new MemoryTier(1 << 20);
        tier.Store(Make(tier, "/", 10));
        var newer = Make(tier, "/", 20);
        tier.Store(newer);
        Assert.True(newer.Is(Assert.Single(tier.Find("/"u8)!.Responses.ToArray())));
    }

    [Theory] // RFC 9111 §4
    [InlineData(0, "new")]
    [InlineData(1, "old")] // what it was proven to be after counts more: the later one may be purged
    public void The_answer_of_a_slow_exchange_does_not_take_the_place_of_a_later_one(long asOfTheOld, string stays)
    {
        var tier = new MemoryTier(1 << 20);
        Assert.True(tier.Store(Stored.Response("/", Body.Of(tier.Pool, "new"u8), receivedAt: 2000)));
        var isStored = tier.Store(Stored.Response("/", Body.Of(tier.Pool, "old"u8), receivedAt: 1000, asOf: asOfTheOld));
        Assert.Equal(stays == "old", isStored);
        Assert.Equal(stays, Encoding.ASCII.GetString(Assert.Single(tier.Find("/"u8)!.Responses.ToArray()).Body.At(0)));
        tier.Remove(new CacheKey("/"u8.ToArray()));
        Assert.Equal(tier.OwnBytes, tier.Pool.Used);
    }

    [Theory] // RFC 9111 §4.3.4: it confirms what was stored when it was asked for, not what has come since
    [InlineData(1500, "new")]
    [InlineData(2500, "old")]
    public void What_a_304_confirms_does_not_take_the_place_of_what_came_after_it_was_asked_for(long askedAt, string stays)
    {
        var tier = new MemoryTier(1 << 20);
        Assert.True(tier.Store(Stored.Response("/", Body.Of(tier.Pool, "new"u8), receivedAt: 2000)));
        tier.Store(Stored.Response("/", Body.Of(tier.Pool, "old"u8), receivedAt: 3000, askedAt: askedAt), out var isOutdated);
        Assert.Equal(stays == "new", isOutdated);
        Assert.Equal(stays, Encoding.ASCII.GetString(Assert.Single(tier.Find("/"u8)!.Responses.ToArray()).Body.At(0)));
    }

    [Fact] // RFC 9111 §4.3.4
    public void What_came_after_the_asking_takes_the_place_of_what_the_304_has_confirmed_meanwhile()
    {
        var tier = new MemoryTier(1 << 20);
        tier.Store(Stored.Response("/", Body.Of(tier.Pool, "old"u8), receivedAt: 3000, askedAt: 1000));
        Assert.True(tier.Store(Stored.Response("/", Body.Of(tier.Pool, "new"u8), receivedAt: 2000))); // its body took its time
        Assert.Equal("new", Encoding.ASCII.GetString(Assert.Single(tier.Find("/"u8)!.Responses.ToArray()).Body.At(0)));
    }

    [Fact]
    public void Who_is_read_often_becomes_warm_however_many_were_read_before()
    {
        var tier = new MemoryTier(16 << 20);
        for (var i = 0; i < 4_000; i++)
            tier.Store(Make(tier, "/" + new string('k', 600) + i, 10));
        for (var i = 0; i < 4_000; i++)
            tier.Find(Encoding.ASCII.GetBytes("/" + new string('k', 600) + i));
        for (var i = 0; i < 100; i++)
        {
            var key = Encoding.ASCII.GetBytes("/" + new string('k', 600) + i);
            tier.Find(key);
            Assert.Same(tier.Find(key), tier.Find(key));
        }
    }

    [Fact]
    public void A_key_of_64_variants_is_read_out_of_its_records_once()
    {
        var tier = new MemoryTier(64 << 20);
        for (var i = 0; i < 64; i++)
            tier.Store(Stored.Response("/" + new string('k', 600), Body.Of(tier.Pool, "x"u8), language: "l" + i));
        var key = Encoding.ASCII.GetBytes("/" + new string('k', 600));
        tier.Find(key);
        Assert.Same(tier.Find(key), tier.Find(key));
    }

    [Theory]
    [InlineData(64, 8_000, 0)]
    [InlineData(1, 0, 40_000)]
    public void Looking_up_takes_a_small_part_of_the_capacity_and_keeps_nobody_from_being_stored(int variants, int lengthOfValue, int lengthOfField)
    {
        var tier = new MemoryTier(16 << 20);
        var keys = 0;
        for (; tier.Pool.Used < 13 << 20; keys++)
            for (var i = 0; i < variants; i++)
                tier.Store(Heavy("/" + keys, new string('v', lengthOfValue) + i, new string('f', lengthOfField)));
        var used = tier.Pool.Used;
        for (var key = 0; key < keys; key++)
            Assert.NotNull(tier.Find(Encoding.ASCII.GetBytes("/" + key)));
        Assert.InRange(tier.Pool.Used, used, used + (tier.Pool.Capacity / 32));
        for (var i = 0; i < 500; i++)
        {
            Assert.True(tier.Store(Make(tier, "/new" + i, 10)));
            Assert.InRange(tier.Pool.Used, 0, tier.Pool.Capacity + (tier.Pool.Capacity / 32));
            tier.Find(Encoding.ASCII.GetBytes("/" + (i % keys)));
        }

        StoredResponse Heavy(string key, string value, string field)
        {
            var plain = Stored.Response(key, Body.Of(tier.Pool, "x"u8));
            return new()
            {
                Key = plain.Key, Variant = new VariantKey(["x-v"], [value]), Status = 200, Fields = new FieldList([new Field("X-F", field)]), Reuse = plain.Reuse,
                Date = plain.Date, ReceivedAt = plain.ReceivedAt, Identity = plain.Identity, AsOf = 0, Body = plain.Body,
            };
        }
    }

    [Fact]
    public void The_most_recent_date_comes_first() // RFC 9111 §4.1
    {
        var tier = new MemoryTier(1 << 20);
        tier.Store(Make(tier, "/", 10, "de", Noon));
        tier.Store(Make(tier, "/", 10, "en", Noon.AddSeconds(2)));
        tier.Store(Make(tier, "/", 10, "fr", Noon.AddSeconds(1)));
        Assert.Equal(["en", "fr", "de"], tier.Find("/"u8)!.Responses.ToArray().Select(response => response.Variant.Values[0]));
    }

    [Fact]
    public void At_most_64_variants_of_a_key_are_kept() // rule 32
    {
        var tier = new MemoryTier(10 << 20);
        for (var i = 0; i < 10_000; i++)
            tier.Store(Make(tier, "/", 10, "v" + i, Noon.AddSeconds(i)));
        Assert.Equal(MemoryTier.MostVariants, tier.Find("/"u8)!.Responses.Length);
        Assert.InRange(tier.Pool.Used, 0, MemoryTier.MostVariants * 2048);
    }

    [Fact]
    public void What_does_not_fit_even_into_an_empty_tier_is_refused_and_given_back()
    {
        var tier = new MemoryTier(4096);
        var held = Make(tier, "/held", 3000);
        Assert.False(tier.MakeRoom(8192));
        tier.Store(held);
        Assert.InRange(tier.Pool.Used, 0, 4096);
    }

    [Fact]
    public void Concurrent_stores_removals_and_reads_never_show_a_freed_byte()
    {
        var tier = new MemoryTier(256 << 10);
        var wrong = 0;
        Parallel.For(0, 8, worker =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 20_000; i++)
            {
                var key = Encoding.ASCII.GetBytes("/" + random.Next(300));
                if (random.Next(3) == 0)
                {
                    tier.Store(Make(tier, Encoding.ASCII.GetString(key), 2000));
                    continue;
                }
                if (tier.Find(key)?.Responses[0] is not { } found || !found.Body.TryAcquire())
                    continue;
                for (var at = 0L; found.Body.At(at) is { IsEmpty: false } piece; at += piece.Length)
                    if (piece.ContainsAnyExcept((byte)'x'))
                        Interlocked.Increment(ref wrong);
                found.Body.Release();
            }
        });
        Assert.Equal(0, wrong);
        Assert.InRange(tier.Pool.Used, 0, (256 << 10) + (8 * 4096));
    }

    private static StoredResponse Make(MemoryTier tier, string key, int length, string? language = null, DateTimeOffset? date = null, long? receivedAt = null) => new()
    {
        Key = new CacheKey(Encoding.ASCII.GetBytes(key)),
        Variant = language is null ? VariantKey.None : new VariantKey(["accept-language"], [language]),
        Status = 200,
        Fields = FieldList.Empty,
        Reuse = new ReuseFacts { InitialAge = TimeSpan.Zero, Lifetime = TimeSpan.FromHours(1) },
        Date = date ?? Noon,
        ReceivedAt = receivedAt ?? TimeProvider.System.GetTimestamp(),
        Identity = PurgeIdentity.Of("http", "test", key, []),
        AsOf = 0,
        Body = Body.Of(tier.Pool, Enumerable.Repeat((byte)'x', length).ToArray()),
    };
}
