using DistCache.Redis.Connections;
using DistCache.Redis.Shared;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;
using DistCache.Storage.Shared;
using DistCache.Storage.Tests.Shared.Kit;
using DistCache.TestKit;

namespace DistCache.Redis.Tests.Kit;

/// <summary>One node's shared tier on a real store, with the clock of the machine.</summary>
internal sealed class Node : IAsyncDisposable
{
    private Node(RedisConnection connection, TestLog log, SharedOptions options)
    {
        Connection = connection;
        Follower = new(log, Purges, TimeProvider.System);
        Tier = new(new RedisSharedStore(connection), new RedisChunks(connection), new RedisLeases(connection), Follower, Purges, options, TimeProvider.System);
    }

    public RedisConnection Connection { get; }

    public SharedTier Tier { get; }

    public PurgeIndex Purges { get; } = new();

    public TestFollower Follower { get; }

    public ChunkPool Pool { get; } = new(256 << 20);

    /// <param name="options">Null: a budget that a busy machine keeps, since most tests are not about time.</param>
    public static async Task<Node> OpenAsync(string connectionString, TestLog log, SharedOptions? options = null) =>
        new(await RedisConnection.OpenAsync(connectionString, "test"), log, options ?? new SharedOptions { Budget = TimeSpan.FromSeconds(2) });

    public async Task WriteAsync(string key, byte[] body, VariantKey? variant = null, bool replaces = false, RegionalLease? lease = null, long? asOf = null, int lifetime = 60) =>
        await WriteAsync(Copies.Response(Pool, key, body, TimeProvider.System.GetTimestamp(), asOf ?? Purges.Version, variant, lifetime), replaces, lease);

    public async Task WriteAsync(StoredResponse response, bool replaces = false, RegionalLease? lease = null)
    {
        var stored = Tier.Counts["write", "stored"] + Tier.Counts["write", "older"];
        Assert.True(Tier.Writer.TryWrite(new(response, "1.1", replaces, lease)));
        await Eventually.TrueAsync(() => Tier.Writer.Pending == 0);
        Assert.Equal(stored + 1, Tier.Counts["write", "stored"] + Tier.Counts["write", "older"]);
    }

    public async Task<SharedAnswer> FindAsync(string key, bool wantsLease = false, params (string Name, string Value)[] fields) => await Tier.FindAsync(new()
    {
        Key = Copies.Key(key),
        FieldOf = name => fields.FirstOrDefault(field => field.Name == name).Value,
        AsOf = Purges.Version,
        WantsLease = wantsLease,
    });

    public async Task<byte[]?> ReadAsync(string key, params (string Name, string Value)[] fields)
    {
        if (await FindAsync(key, wantsLease: false, fields) is not SharedAnswer.Found found)
            return null;
        var bytes = new List<byte>();
        return await found.Body.CopyToAsync((piece, _) => { bytes.AddRange(piece.Span); return default; }, CancellationToken.None) ? [.. bytes] : null;
    }

    public async ValueTask DisposeAsync()
    {
        await Tier.DisposeAsync();
        await Connection.DisposeAsync();
    }
}
