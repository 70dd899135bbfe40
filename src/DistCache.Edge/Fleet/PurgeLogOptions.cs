using DistCache.Edge.Configuration;
using DistCache.Edge.Shared;
using DistCache.Fleet.Following;
using DistCache.Proxy.Policies;
using DistCache.Redis.Connections;

namespace DistCache.Edge.Fleet;

/// <summary>
/// <c>DistCache:PurgeLog:{Redis, File, Lease, TakeOver}</c>: the one ordered list of purges. Redis: a connection string as of the shared tier, whose own
/// counts where this one is absent. File: the log of a node alone; beside a PurgeLog:Redis this node's journal of it. Neither: purges live as
/// long as this process, which is as long as what they purge. Lease: how long a node serves without hearing the log, 500ms to 1h, default 30s. TakeOver: how long
/// a primary of the log that was replaced may go on taking writes, 100ms to 1h; absent, nobody knows. Read at start.
/// </summary>
internal sealed record PurgeLogOptions(string? Redis, string? File, TimeSpan Lease)
{
    /// <summary>The key that <see cref="Redis"/> comes from.</summary>
    public string RedisSetting { get; init; } = RedisKey;

    /// <summary>Null: it is zero where the log's server is alone, and unknown for all others, where a silent node is then never left out (rule 8).</summary>
    public TimeSpan? TakeOver { get; init; }

    public const string Section = "DistCache:PurgeLog";
    public const string RedisKey = "DistCache:PurgeLog:Redis";
    public const string FileKey = "DistCache:PurgeLog:File";
    public const string LeaseKey = "DistCache:PurgeLog:Lease";
    public const string TakeOverKey = "DistCache:PurgeLog:TakeOver";

    private static readonly TimeSpan Default = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(500);

    /// <summary>None at all would be a claim that no store with a replica can keep.</summary>
    private static readonly TimeSpan ShortestTakeOver = TimeSpan.FromMilliseconds(100);

    public static PurgeLogOptions Read(Settings settings, SharedTierOptions? shared)
    {
        settings.OnlyKnown(Section, "Redis", "File", "Lease", "TakeOver");
        var (redis, file) = (settings[RedisKey], settings[FileKey]);
        if (redis is not null && RedisConnection.Check(redis) is { } problem)
            settings.Complain(RedisKey, problem, SharedTierOptions.RedisRemedy);
        // Two nodes with logs of their own would never hear of one another's purges, and serve what the other has purged (V18).
        if (redis is null && shared is not null && file is not null)
            settings.Complain(FileKey, "a log in a file is for one node alone, and a shared tier is for several", $"Leave it out: the log is then kept in {SharedTierOptions.RedisKey}. Or name {RedisKey} too: the file is then this node's journal");
        return new(redis ?? shared?.Redis, file, LeaseOf(settings)) { RedisSetting = redis is null ? SharedTierOptions.RedisKey : RedisKey, TakeOver = TakeOverOf(settings) };
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

    private static TimeSpan? TakeOverOf(Settings settings)
    {
        if (settings[TakeOverKey] is not { } text)
            return null;
        if (Duration.TryParse(text, out var takeOver) && takeOver >= ShortestTakeOver && takeOver <= LeaseTerms.Longest)
            return takeOver;
        settings.Complain(TakeOverKey, $"'{text}' is no duration from 100ms to 1h", "Write how long a primary that was replaced may go on taking writes (cluster-node-timeout, min-replicas-max-lag), as 15s; or leave it out, if nobody knows");
        return null;
    }
}
