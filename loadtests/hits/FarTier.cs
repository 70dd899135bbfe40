using DistCache.TestKit;

namespace DistCache.LoadTests.Hits;

/// <summary>A Redis for the shared tier, 150 ms away.</summary>
internal sealed class FarTier(RedisProcess redis, FaultProxy link) : IAsyncDisposable
{
    public static string? Missing => RedisProcess.Program is null ? "redis-server is not installed" : null;

    public string ConnectionString => redis.ConnectionStringAt(link.Port);

    public static async Task<FarTier> StartAsync()
    {
        var redis = await RedisProcess.StartAsync();
        var link = FaultProxy.Start(redis.Port);
        link.Faults = LinkFaults.Delayed(150);
        return new(redis, link);
    }

    public async ValueTask DisposeAsync()
    {
        await link.DisposeAsync();
        await redis.DisposeAsync();
    }
}
