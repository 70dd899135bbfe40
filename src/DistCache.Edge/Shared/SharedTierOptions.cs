using DistCache.Edge.Configuration;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Policies;
using DistCache.Redis.Connections;
using DistCache.Storage.Shared;

namespace DistCache.Edge.Shared;

/// <summary>
/// <c>DistCache:Shared:{Redis, Budget, ChunkSize}</c>: the tier that the nodes of a region share. Redis: a connection string of
/// StackExchange.Redis, for Redis, Valkey, Garnet or a cluster (<c>host:6379,password=...,ssl=true,trust=/etc/redis/issuer.pem</c>); absent: there is none. Budget: how long
/// a request may wait for it, 1ms to 10s, default 50ms. ChunkSize: longer bodies are split, 4KiB to 4MiB, default 64KiB. Read at start.
/// </summary>
internal sealed record SharedTierOptions(string Redis, TimeSpan Budget, int ChunkSize)
{
    public const string Section = "DistCache:Shared";
    public const string RedisKey = "DistCache:Shared:Redis";
    public const string BudgetKey = "DistCache:Shared:Budget";
    public const string ChunkSizeKey = "DistCache:Shared:ChunkSize";

    public const string RedisRemedy = "Write host:port, further servers behind commas, and password=..., ssl=true, trust=FILE where they are needed";

    private const int MinChunkSize = 4 << 10;
    private const int MaxChunkSize = 4 << 20;
    private static readonly TimeSpan MinBudget = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan MaxBudget = TimeSpan.FromSeconds(10);

    /// <param name="capacity">Of the memory tier: what waits to be written counts there, and must not fill it.</param>
    public SharedOptions TierFor(long capacity) => new() { Budget = Budget, ChunkSize = ChunkSize, MostPending = Math.Min(new SharedOptions().MostPending, capacity / 8) };

    /// <summary>Null: there is no shared tier.</summary>
    public static SharedTierOptions? Read(Settings settings)
    {
        settings.OnlyKnown(Section, "Redis", "Budget", "ChunkSize");
        var defaults = new SharedOptions();
        var budget = BudgetOf(settings, defaults.Budget);
        var chunkSize = ChunkSizeOf(settings, defaults.ChunkSize);
        if (settings[RedisKey] is not { } redis)
            return null;
        // Nothing of the value itself: it may hold the password.
        if (RedisConnection.Check(redis) is { } problem)
            settings.Complain(RedisKey, problem, RedisRemedy);
        return new(redis, budget, chunkSize);
    }

    private static TimeSpan BudgetOf(Settings settings, TimeSpan otherwise)
    {
        if (settings[BudgetKey] is not { } text)
            return otherwise;
        if (Duration.TryParse(text, out var budget) && budget >= MinBudget && budget <= MaxBudget)
            return budget;
        settings.Complain(BudgetKey, $"'{text}' is no duration from 1ms to 10s", "Write 50ms, or leave it out");
        return otherwise;
    }

    private static int ChunkSizeOf(Settings settings, int otherwise)
    {
        if (settings[ChunkSizeKey] is not { } text)
            return otherwise;
        if (ByteSize.TryParse(text, out var size) && size is >= MinChunkSize and <= MaxChunkSize)
            return (int)size;
        settings.Complain(ChunkSizeKey, $"'{text}' is no size from 4KiB to 4MiB", "Write 64KiB, or leave it out");
        return otherwise;
    }
}
