using System.Text;
using CsCheck;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;

namespace DistCache.Storage.Tests.Memory;

/// <summary>What is done at once ends, and is answered, as it would have been one after the other, in some order.</summary>
public sealed class LinearizabilityTests
{
    private const int Threads = 2; // not as many as there are processors: one would compare nothing
    private const long OfAll = 512 << 10;
    private const long OfHalf = 5 << 10;
    private const long OfAFew = 8 << 10;

    // Who leaves does not follow from an order of the hits: two at once may count as one or as two, and the hand passes whoever is read just now.
    // So here somebody only must have left; who, is compared below.
    [Fact]
    public void What_hits_see_among_stores_removals_purges_and_resizes_they_would_have_seen_in_some_order()
    {
        Assert.True(CheckedMemory.IsOn);
        var place = Gen.Int[0, Places.Count - 1];
        var store = Gen.Select(place, Gen.Int[1, 3000], Gen.Int[0, 3], (place, length, asOf) => new Storing(place, length, asOf))
            .Operation<WatchedTier, PlainTier>(what => $"{what}", (tier, what) => tier.Do(what), (plain, what) => plain.Do(what));
        var hit = Gen.Select(place, Gen.Bool, (place, isOfRecord) => new Hit(place, isOfRecord && place < Places.Alone)) // else it may be given the other variant
            .Operation<WatchedTier, PlainTier>(what => $"{what}", (tier, what) => tier.Do(what), (plain, what) => plain.Do(what));
        var remove = Gen.Int[0, Places.Alone - 1].Select(place => new Removal(place)) // variants go one by one, and who looks twice meanwhile sees that
            .Operation<WatchedTier, PlainTier>(what => $"{what}", (tier, what) => tier.Do(what), (plain, what) => plain.Do(what));
        var purge = Gen.Select(place, Gen.Bool, (place, isHard) => new Purging(place, isHard ? PurgeMode.Hard : PurgeMode.Soft))
            .Operation<WatchedTier, PlainTier>(what => $"{what}", (tier, what) => tier.Do(what), (plain, what) => plain.Do(what));
        var resize = Gen.Int[1, 2].Select(divisor => new Resizing(divisor))
            .Operation<WatchedTier, PlainTier>(what => $"{what}", (tier, what) => tier.Do(what), (plain, what) => plain.Do(what));
        Gen.Bool.Select(hasRoom => (new WatchedTier(hasRoom ? OfAll : OfHalf), new PlainTier(hasRoom))).SampleParallel(
            [store, store, hit, hit, remove, purge, purge, resize], equal: Allows, maxParallelOperations: 8, iter: LongForm.Asked ? 8_000 : 100, threads: Threads);
    }

    // Without those who look, and without bodies: a body under way counts against the window of all.
    [Fact]
    public void Who_leaves_for_stores_and_resizes_at_once_would_have_left_in_some_order()
    {
        var receivedAt = TimeProvider.System.GetTimestamp();
        var store = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 2], Gen.Int[1, 2000], Gen.Int[0, 1], (key, variant, size, later) => new Newcomer(key, variant, size, later)).Operation<FreshTier>(
            what => $"{what}",
            (fresh, what) => fresh.Answers[what] = fresh.Tier.Store(Stored.Response(
                "/" + what.Key, Body.Of(fresh.Tier.Pool, []), language: "v" + what.Variant, receivedAt: receivedAt + what.Later, tags: [new string('t', what.Size)])));
        var remove = Gen.Int[0, 5].Select(key => new Unwanted(key)).Operation<FreshTier>(
            what => $"{what}", (fresh, what) => fresh.Answers[what] = fresh.Tier.Remove(new CacheKey(Encoding.UTF8.GetBytes("/" + what.Key))));
        var resize = Gen.Int[1, 3].Select(divisor => new Resizing(divisor)).Operation<FreshTier>(
            what => $"{what}", (fresh, what) => fresh.Answers[what] = fresh.Tier.StepTowards(OfAFew / what.Divisor, resize: 0));
        Gen.Const(() => new FreshTier(OfAFew)).SampleParallel(
            [store, store, remove, remove, resize], equal: AreSame, maxParallelOperations: 6, iter: LongForm.Asked ? 3_000 : 60, threads: Threads);
    }

    private static bool Allows(WatchedTier watched, PlainTier plain)
    {
        var pool = watched.Tier.Pool;
        return plain.Allows(watched.Left(), watched.Evicted)
            && (pool.Capacity, pool.Used) == (watched.CapacityOf(plain.Divisor), watched.Tier.OwnBytes + watched.Tier.ResidentBytes) && pool.Used <= pool.Capacity;
    }

    private static bool AreSame(FreshTier one, FreshTier other)
    {
        var areSame = AccountOf(one) == AccountOf(other) && Contents(one).SequenceEqual(Contents(other)) && one.Answers.All(answer => other.Answers[answer.Key] == answer.Value);
        GC.KeepAlive(one); // else they may be given back meanwhile
        GC.KeepAlive(other);
        return areSame;
    }

    private static (long Capacity, long Used, long Residents, int Keys, long ForRoom, long Newcomers) AccountOf(FreshTier fresh)
    {
        var tier = fresh.Tier;
        return (tier.Pool.Capacity, tier.Pool.Used, tier.ResidentBytes, tier.Count, tier.Counts.EvictedForRoom, tier.Counts.RefusedNewcomers);
    }

    private static IEnumerable<string> Contents(FreshTier fresh) =>
        fresh.Tier.Responses.Select(response => $"{response.Identity.Url} {response.Variant.Values[0]} {response.Identity.Tags![0].Length} {response.ReceivedAt}").Order(StringComparer.Ordinal);

    private sealed record Newcomer(int Key, int Variant, int Size, int Later);

    private sealed record Unwanted(int Key);
}
