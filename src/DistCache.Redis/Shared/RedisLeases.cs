using DistCache.Redis.Connections;
using DistCache.Storage.Shared;
using StackExchange.Redis;

namespace DistCache.Redis.Shared;

/// <summary>Leases in the same store as what they are for.</summary>
public sealed class RedisLeases(RedisConnection connection) : ILeaseStore
{
    public async Task<string?> TakeAsync(SharedPlace place, ReadOnlyMemory<byte> seen, string value, TimeSpan time)
    {
        var answer = await connection.Told(connection.Database.ScriptEvaluateAsync(
            Scripts.Take, [RedisKeys.LeaseOf(place), RedisKeys.Of(place)], [value, RedisSharedStore.Milliseconds(time), seen]));
        return (string?)answer switch
        {
            "1" => null,
            "0" => "",
            var holder => holder,
        };
    }

    public async Task<bool> RenewAsync(SharedPlace place, string value, TimeSpan time) =>
        (long)await EvaluateAsync(Scripts.Renew, place, [value, RedisSharedStore.Milliseconds(time)]) == 1;

    public async Task ReleaseAsync(SharedPlace place, string value, string? mark, TimeSpan markFor) =>
        await EvaluateAsync(Scripts.Release, place, [value, mark ?? "", RedisSharedStore.Milliseconds(markFor)]);

    private Task<RedisResult> EvaluateAsync(string script, in SharedPlace place, RedisValue[] arguments) =>
        connection.Told(connection.Database.ScriptEvaluateAsync(script, [RedisKeys.LeaseOf(place)], arguments));
}
