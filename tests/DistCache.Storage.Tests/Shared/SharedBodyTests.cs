using DistCache.Storage.Shared;
using DistCache.Storage.Tests.Shared.Kit;

namespace DistCache.Storage.Tests.Shared;

/// <summary>Bodies in chunks (rule 17).</summary>
public sealed class SharedBodyTests
{
    [Theory]
    [InlineData(1001)]
    [InlineData(5000)]
    [InlineData(12_345)]
    public async Task A_long_body_comes_back_whole(int length)
    {
        await using var tier = TierFixture.New();
        await tier.WriteAsync("k", Copies.Bytes(length));
        Assert.Equal((length + 999) / 1000, tier.Store.Chunks.Count());
        Assert.Equal(Copies.Bytes(length), await tier.ReadAsync(await tier.FindAsync("k")));
    }

    [Fact]
    public async Task A_range_reads_only_its_chunks()
    {
        await using var tier = TierFixture.New();
        await tier.WriteAsync("k", Copies.Bytes(10_000));
        foreach (var chunk in tier.Store.Chunks.Where(name => !name.EndsWith(":3", StringComparison.Ordinal) && !name.EndsWith(":4", StringComparison.Ordinal)))
            tier.Store.Remove(chunk);
        var found = Assert.IsType<SharedAnswer.Found>(await tier.FindAsync("k"));
        Assert.Equal(3000, found.Body.Narrow(3999, 4000));
        Assert.Equal(Copies.Bytes(10_000)[3000..5000], await tier.ReadAsync(found));
    }

    [Fact]
    public async Task A_missing_chunk_is_no_whole_body_and_the_head_is_forgotten()
    {
        await using var tier = TierFixture.New();
        await tier.WriteAsync("k", Copies.Bytes(10_000));
        tier.Store.Remove(tier.Store.Chunks.Single(name => name.EndsWith(":7", StringComparison.Ordinal)));
        var found = Assert.IsType<SharedAnswer.Found>(await tier.FindAsync("k"));
        Assert.True(await found.Body.BeginAsync());
        Assert.Null(await tier.ReadAsync(found));
        found.Body.Forget();
        Assert.Empty(tier.Store.Heads);
    }

    [Fact] // V14
    public async Task Chunks_of_two_bodies_or_in_another_order_never_make_one()
    {
        await using var tier = TierFixture.New();
        await tier.WriteAsync("a", Copies.Bytes(3000, seed: 1));
        var one = tier.Store.Chunks.Single(name => name.EndsWith(":1", StringComparison.Ordinal));
        var two = tier.Store.Chunks.Single(name => name.EndsWith(":2", StringComparison.Ordinal));
        (tier.Store[one], tier.Store[two]) = (tier.Store[two], tier.Store[one]);
        Assert.Null(await tier.ReadAsync(await tier.FindAsync("a")));
        (tier.Store[one], tier.Store[two]) = (tier.Store[two], tier.Store[one]);
        Assert.NotNull(await tier.ReadAsync(await tier.FindAsync("a")));
        await tier.WriteAsync("b", Copies.Bytes(3000, seed: 2));
        tier.Store[one] = tier.Store[tier.Store.Chunks.Single(name => name != one && name.EndsWith(":1", StringComparison.Ordinal))];
        Assert.Null(await tier.ReadAsync(await tier.FindAsync("a")));
        Assert.Equal(2, tier.Tier.Counts["rejected_chunk", "wrong-key"]);
    }

    [Fact]
    public async Task No_flipped_bit_of_a_chunk_passes()
    {
        await using var tier = TierFixture.New();
        await tier.WriteAsync("k", Copies.Bytes(1500));
        var name = tier.Store.Chunks.First();
        var whole = tier.Store[name];
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var flipped = (byte[])whole.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            tier.Store[name] = flipped;
            Assert.Null(await tier.ReadAsync(await tier.FindAsync("k")));
        }
    }

    [Fact]
    public async Task A_confirmed_body_keeps_its_chunks_and_they_outlive_the_head()
    {
        await using var tier = TierFixture.New();
        var response = await tier.WriteAsync("k", Copies.Bytes(5000));
        var chunks = tier.Store.Chunks.Order().ToArray();
        tier.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(response.Body.TryAcquire());
        var confirmed = Copies.Response(tier.Pool, "k", [], tier.Time.GetTimestamp());
        await tier.WriteAsync(Again(response, confirmed.ReceivedAt));
        Assert.Equal(chunks, tier.Store.Chunks.Order());
        tier.Time.Advance(TimeSpan.FromMinutes(11)); // 60 s fresh and 10 min for its validator, less what has passed
        Assert.Empty(tier.Store.Heads);
        Assert.Equal(chunks, tier.Store.Chunks.Order());
    }

    [Fact]
    public async Task Chunks_of_a_replaced_head_live_only_for_who_is_reading_them()
    {
        await using var tier = TierFixture.New();
        await tier.WriteAsync("k", Copies.Bytes(5000, seed: 1));
        await tier.WriteAsync("k", Copies.Bytes(5000, seed: 2));
        Assert.Equal(10, tier.Store.Chunks.Count());
        tier.Time.Advance(SharedLifetime.ReadTime);
        Assert.Equal(5, tier.Store.Chunks.Count());
        Assert.Equal(Copies.Bytes(5000, seed: 2), await tier.ReadAsync(await tier.FindAsync("k")));
    }

    private static Storage.Responses.StoredResponse Again(Storage.Responses.StoredResponse response, long receivedAt) => new()
    {
        Key = response.Key,
        Variant = response.Variant,
        Status = response.Status,
        Fields = response.Fields,
        Reuse = response.Reuse,
        Date = response.Date,
        ReceivedAt = receivedAt,
        Identity = response.Identity,
        AsOf = response.AsOf,
        Body = response.Body,
    };
}
