using DistCache.Redis.Connections;
using Microsoft.Extensions.Configuration;

namespace DistCache.OutputCaching;

/// <summary>How an app's pages lie in the edges' tiers. The names of the settings are those of an edge.</summary>
public sealed class DistCacheOutputCacheOptions
{
    /// <summary><c>DistCache:Shared:Redis</c>: the shared tier, as StackExchange.Redis writes it. Needed.</summary>
    public string Redis { get; set; } = "";

    /// <summary><c>DistCache:PurgeLog:Redis</c>: the purge log. Default: the shared tier's server.</summary>
    public string? PurgeLogRedis { get; set; }

    /// <summary><c>DistCache:PurgeLog:Lease</c>: how long this instance serves kept pages without hearing of the purge log. 1s to 1h, default 30s.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary><c>DistCache:Node:Id</c>: this instance among the nodes of the fleet. Default: the machine's name and the process' id.</summary>
    public string NodeId { get; set; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary><c>DistCache:Node:Region</c>. Default <c>local</c>.</summary>
    public string Region { get; set; } = "local";

    /// <summary>Pages kept in this process, in bytes. Default 64 MiB.</summary>
    public long MemoryBytes { get; set; } = 64L << 20;

    /// <summary>How long a request waits for the shared tier. 1ms to 10s, default 50ms.</summary>
    public TimeSpan Budget { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// A file in which the purges that were applied are kept, so that a purge log that forgot them is told when this instance starts again.
    /// Default: none, others have to tell it.
    /// </summary>
    public string? Journal { get; set; }

    /// <summary>
    /// How long an eviction waits until every node has applied it, 0s to 1 day. Default: the lease and what it takes to be sure that a silent node's is
    /// over, so that only a purge log out of reach makes it fail.
    /// </summary>
    public TimeSpan? EvictionTimeout { get; set; }

    internal void Read(IConfiguration configuration)
    {
        Redis = configuration["DistCache:Shared:Redis"] ?? Redis;
        PurgeLogRedis = configuration["DistCache:PurgeLog:Redis"] ?? PurgeLogRedis;
        NodeId = configuration["DistCache:Node:Id"] ?? NodeId;
        Region = configuration["DistCache:Node:Region"] ?? Region;
        Lease = Seconds(configuration, "DistCache:PurgeLog:Lease") ?? Lease;
        Budget = Seconds(configuration, "DistCache:Shared:Budget") ?? Budget;
    }

    /// <summary>Everything that is wrong, a line each, naming the setting and what would be right.</summary>
    internal IEnumerable<string> Problems()
    {
        if (RedisConnection.Check(Redis) is { } problem)
            yield return $"DistCache:Shared:Redis: {problem}. Write host:port, as in 127.0.0.1:6379.";
        if (PurgeLogRedis is { } log && RedisConnection.Check(log) is { } wrong)
            yield return $"DistCache:PurgeLog:Redis: {wrong}. Write host:port, or leave it out.";
        if (Lease < TimeSpan.FromSeconds(1) || Lease > TimeSpan.FromHours(1))
            yield return $"DistCache:PurgeLog:Lease: {Lease} is not 1s to 1h.";
        if (Budget < TimeSpan.FromMilliseconds(1) || Budget > TimeSpan.FromSeconds(10))
            yield return $"DistCache:Shared:Budget: {Budget} is not 1ms to 10s.";
        if (NodeId.Length is 0 or > 64)
            yield return "DistCache:Node:Id: use 1 to 64 characters.";
        if (MemoryBytes < 1 << 20)
            yield return $"MemoryBytes: {MemoryBytes} is less than 1 MiB.";
        // Beyond 49 days no timer counts, and the eviction would throw after it was applied.
        if (EvictionTimeout is { } timeout && (timeout < TimeSpan.Zero || timeout > TimeSpan.FromDays(1)))
            yield return $"EvictionTimeout: {timeout} is not 0s to 1 day.";
    }

    /// <summary>As an edge reads it: <c>50ms</c>, <c>30s</c>, <c>5m</c>, or <c>00:00:30</c>.</summary>
    private static TimeSpan? Seconds(IConfiguration configuration, string key)
    {
        if (configuration[key] is not { } text)
            return null;
        foreach (var (unit, length) in (ReadOnlySpan<(string, double)>)[("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)])
            if (text.EndsWith(unit, StringComparison.Ordinal) && double.TryParse(text.AsSpan(0, text.Length - unit.Length), System.Globalization.CultureInfo.InvariantCulture, out var number))
                return TimeSpan.FromSeconds(number * length);
        return TimeSpan.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var time) ? time : throw new FormatException($"{key}: '{text}' is no duration. Write 50ms, 30s or 5m.");
    }
}
