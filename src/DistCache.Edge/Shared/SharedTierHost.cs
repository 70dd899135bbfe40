using DistCache.Edge.Node;
using DistCache.Redis.Connections;
using DistCache.Redis.Shared;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DistCache.Edge.Shared;

/// <summary>The shared tier of this process: its connection, and what an operator should know of it. A store that is absent keeps nobody from starting.</summary>
internal sealed class SharedTierHost : IHealthDetail, IAsyncDisposable
{
    private readonly SharedTierOptions _options;
    private SharedTier? _tier;

    private SharedTierHost(SharedTierOptions options, RedisConnection connection) => (_options, Connection) = (options, connection);

    public RedisConnection Connection { get; }

    public TimeSpan Budget => _options.Budget;

    string IHealthDetail.Name => "shared-tier";

    IReadOnlyList<string> IHealthDetail.Problems => Volatile.Read(ref _tier) is { } tier && ProblemOf(tier) is { } problem ? [problem] : [];

    /// <param name="node">The connection's name at the server.</param>
    public static async Task<SharedTierHost> OpenAsync(SharedTierOptions options, string node, ILogger logger) =>
        new(options, await RedisConnection.OpenAsync(options.Redis, $"distcache-{node}", refused => Log.StoreRefuses(logger, SharedTierOptions.RedisKey, refused)));

    public void AddTo(IServiceCollection services) => services.AddSingleton(provider =>
    {
        var tier = new SharedTier(
            new RedisSharedStore(Connection), new RedisChunks(Connection), new RedisLeases(Connection),
            provider.GetRequiredService<IStampClock>(), provider.GetRequiredService<PurgeIndex>(), _options.TierFor(provider.GetRequiredService<MemoryTier>().Pool.Capacity), provider.GetRequiredService<TimeProvider>());
        Volatile.Write(ref _tier, tier);
        return tier;
    });

    private string? ProblemOf(SharedTier tier) => tier switch
    {
        { IsAvailable: true, Refused: { } word } => Refuses(Connection.Endpoints, word),
        { IsAvailable: true } => null,
        _ when Connection.Refused is { } refused => $"The server at {Connection.Endpoints} {refused} in {SharedTierOptions.RedisKey}. Misses go to the origin until it lets this node in.",
        _ when Connection.IsConnected => "It is not asked: it was too slow, or its purge log is not known yet. Misses go to the origin until it answers in time.",
        _ => $"No server answers at {Connection.Endpoints}. Misses go to the origin until one does; look at {SharedTierOptions.RedisKey} and at the server.",
    };

    /// <param name="word">The first of the server's own.</param>
    internal static string Refuses(string endpoints, string word) => $"The server at {endpoints} answers, and refuses what it is asked ({word}). What it refuses is fetched from the origin, and the others do not get it: " + word switch
    {
        "OOM" => "give it more memory, or an eviction policy (maxmemory, maxmemory-policy).",
        "MISCONF" => "it cannot save; make room on its disk, or look into its log.",
        "READONLY" => $"it is a replica; name the primary in {SharedTierOptions.RedisKey}.",
        "NOPERM" => $"its user may not run what is needed; allow the one in {SharedTierOptions.RedisKey} scripts and the keys of this cache (ACL SETUSER).",
        _ => "look into its log.",
    };

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
