using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;
using DistCache.Storage.Shared;
using DistCache.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Storage.Tests.Shared.Kit;

/// <summary>One node's shared tier on a store and a log that others may use, too.</summary>
internal sealed class TierFixture : IAsyncDisposable
{
    public TierFixture(MemoryStore store, TestLog log, FakeTimeProvider time, SharedOptions? options = null)
    {
        (Store, Time) = (store, time);
        Follower = new(log, Purges, time);
        Tier = new(store, store, store, Follower, Purges, options ?? new SharedOptions { ChunkSize = 1000 }, time);
    }

    public static TierFixture New(SharedOptions? options = null)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
        return new(new MemoryStore(time), new TestLog(), time, options);
    }

    public MemoryStore Store { get; }

    public FakeTimeProvider Time { get; }

    public PurgeIndex Purges { get; } = new();

    public TestFollower Follower { get; }

    public SharedTier Tier { get; }

    public ChunkPool Pool { get; } = new(64 << 20);

    public async Task<StoredResponse> WriteAsync(string key, byte[] body, VariantKey? variant = null, long? asOf = null, bool replaces = false, RegionalLease? lease = null)
    {
        var response = Copies.Response(Pool, key, body, Time.GetTimestamp(), asOf ?? Purges.Version, variant);
        await WriteAsync(response, replaces, lease);
        return response;
    }

    public async Task WriteAsync(StoredResponse response, bool replaces = false, RegionalLease? lease = null)
    {
        Assert.True(Tier.Writer.TryWrite(new(response, "1.1", replaces, lease)));
        await IdleAsync();
    }

    /// <summary>All that was queued is written, or dropped.</summary>
    public Task IdleAsync() => Eventually.TrueAsync(() => Tier.Writer.Pending == 0);

    /// <summary>For what happens in the background; the clock goes on.</summary>
    public Task UntilAsync(Func<bool> condition) => Eventually.TrueAsync(() =>
    {
        if (condition())
            return true;
        Time.Advance(TimeSpan.FromMilliseconds(10));
        return false;
    });

    public async Task<SharedAnswer> FindAsync(string key, bool wantsLease = false, params (string Name, string Value)[] fields) => await Tier.FindAsync(new()
    {
        Key = Copies.Key(key),
        FieldOf = name => fields.FirstOrDefault(field => field.Name == name).Value,
        AsOf = Purges.Version,
        WantsLease = wantsLease,
    });

    public async Task<byte[]?> ReadAsync(SharedAnswer answer)
    {
        var found = Assert.IsType<SharedAnswer.Found>(answer);
        var bytes = new List<byte>();
        return await found.Body.CopyToAsync((piece, _) => { bytes.AddRange(piece.Span); return default; }, CancellationToken.None) ? [.. bytes] : null;
    }

    public async ValueTask DisposeAsync() => await Tier.DisposeAsync();
}
