using DistCache.Edge.Configuration;
using DistCache.Edge.Shared;
using DistCache.Fleet.Following;
using DistCache.Proxy.Policies;
using DistCache.Redis.Connections;

namespace DistCache.Edge.Fleet;

/// <summary>
/// <c>DistCache:PurgeLog:{Redis, File, Lease}</c>: the one ordered list of purges. Redis: a connection string as of the shared tier, whose own
/// counts where this one is absent. File: the log of a node alone; beside a PurgeLog:Redis this node's journal of it. Neither: purges live as
/// long as this process, which is as long as what they purge. Lease: how long a node serves without hearing the log, 500ms to 1h, default 30s. Read at start.
/// </summary>
internal sealed record PurgeLogOptions(string? Redis, string? File, TimeSpan Lease)
{
    /// <summary>The key that <see cref="Redis"/> comes from.</summary>
    public string RedisSetting { get; init; } = RedisKey;

    public const string Section = "DistCache:PurgeLog";
    public const string RedisKey = "DistCache:PurgeLog:Redis";
    public const string FileKey = "DistCache:PurgeLog:File";
    public const string LeaseKey = "DistCache:PurgeLog:Lease";

    private static readonly TimeSpan Default = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(500);

    public static PurgeLogOptions Read(Settings settings, SharedTierOptions? shared)
    {
        settings.OnlyKnown(Section, "Redis", "File", "Lease");
        var (redis, file) = (settings[RedisKey], settings[FileKey]);
        if (redis is not null && RedisConnection.Check(redis) is { } problem)
            settings.Complain(RedisKey, problem, SharedTierOptions.RedisRemedy);
        // Two nodes with logs of their own would never hear of one another's purges, and serve what the other has purged (V18).
        if (redis is null && shared is not null && file is not null)
            settings.Complain(FileKey, "a log in a file is for one node alone, and a shared tier is for several", $"Leave it out: the log is then kept in {SharedTierOptions.RedisKey}. Or name {RedisKey} too: the file is then this node's journal");
        return new(redis ?? shared?.Redis, file, LeaseOf(settings)) { RedisSetting = redis is null ? SharedTierOptions.RedisKey : RedisKey };
    }

    private static TimeSpan LeaseOf(Settings settings)
    {
        if (settings[LeaseKey] is not { } text)
            return Default;
        if (Duration.TryParse(text, out var lease) && lease >= Shortest && lease <= LeaseTerms.Longest)
            return lease;
        settings.Complain(LeaseKey, $"'{text}' is no duration from 500ms to 1h", "Write 30s, or leave it out");
        return Default;
    }
}
