using System.Globalization;

namespace DistCache.TestKit;

/// <summary>
/// The purge log's server dies and comes back without what it took last, as a replica that lagged does when it is promoted, or a server whose last
/// writes never reached the disk; or without anything. Positions are given anew. Ends once the loss was noticed: a fault that nobody could see is none.
/// </summary>
internal static class LogLoss
{
    private const string Key = "dc1:{purges}:log";

    /// <summary>So far a log must have come before it is emptied: from where it is then it takes a while to look as if nothing had been.</summary>
    private const long LongEnough = 20;

    /// <param name="witness">Has applied something that is lost.</param>
    /// <param name="pause">While nobody answers.</param>
    public static async Task RevertAsync(RedisProcess log, FleetNode witness, Func<Task> pause)
    {
        var kept = log.AppendedBytes;
        var head = await HeadAsync(log);
        await Eventually.TrueAsync(async () => await PositionAsync(witness) > head, () => $"nothing was purged behind {head}");
        var lost = await IdAsync(log, head + 1);
        await log.KillAsync();
        log.KeepAppended(kept);
        await pause();
        await log.RestartAsync();
        // Whoever knew it finds that the log does not, and puts it back (rule 9).
        await Eventually.TrueAsync(() => HoldsAsync(log, lost), () => $"record {lost} at {head + 1} is lost, and nobody has put it back");
    }

    /// <inheritdoc cref="RevertAsync"/>
    public static async Task EmptyAsync(RedisProcess log, FleetNode witness, Func<Task> pause)
    {
        var before = 0L;
        await Eventually.TrueAsync(async () => (before = await PositionAsync(witness)) >= LongEnough, () => $"{witness.Id} is at {before}");
        await log.KillAsync();
        log.KeepAppended(0);
        await pause();
        await log.RestartAsync();
        await Eventually.TrueAsync(async () => await PositionAsync(witness) < before, () => $"{witness.Id} was at {before} and has not noticed that the log is another one");
    }

    /// <summary>Asked ten times a second at most: an admin port answers nobody as often as he likes, and the writers ask it too.</summary>
    private static async Task<long> PositionAsync(FleetNode node)
    {
        await Task.Delay(100);
        var answer = await node.AdminAsync("/api/v1/nodes");
        return answer.TryGetProperty("nodes", out var nodes) ? nodes[0].GetProperty("position").GetInt64() : throw new WireException($"{node.Id}: {answer}");
    }

    private static async Task<long> HeadAsync(RedisProcess log) =>
        long.Parse(await EvaluateAsync(log, "return redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]", ""), CultureInfo.InvariantCulture);

    private static Task<string> IdAsync(RedisProcess log, long position) =>
        EvaluateAsync(log, "return string.sub(redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[1])[1], 1, 16)", $"{position}");

    private static async Task<bool> HoldsAsync(RedisProcess log, string id) => await EvaluateAsync(log, """
        for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
          if string.sub(member, 1, 16) == ARGV[1] then return 'yes' end
        end
        return 'no'
        """, id) == "yes";

    private static Task<string> EvaluateAsync(RedisProcess log, string script, string argument) => log.CommandAsync("EVAL", script, "1", Key, argument);
}
