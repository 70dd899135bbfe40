using System.Buffers.Binary;
using DistCache.Redis.Connections;
using DistCache.Storage.Shared;
using StackExchange.Redis;

namespace DistCache.Redis.Shared;

/// <summary>Envelopes in Redis, Valkey, Garnet or a cluster. Each operation is one script on one key and its neighbours in the same slot.</summary>
public sealed class RedisSharedStore(RedisConnection connection) : ISharedStore
{
    public async Task<StoreFind> FindAsync(StoreQuery query)
    {
        var arguments = new RedisValue[2 + (2 * query.Fields.Count)];
        arguments[0] = query.Lease ?? "";
        arguments[1] = Milliseconds(query.LeaseTime);
        for (var i = 0; i < query.Fields.Count; i++)
            (arguments[2 + (2 * i)], arguments[3 + (2 * i)]) = (query.Fields[i].Key, query.Fields[i].Value);
        var answer = (RedisResult[])(await EvaluateAsync(Scripts.Find, RedisKeys.Of(query.Log, query.Key.Bytes), arguments))!;
        var variant = (string)answer[1]!;
        return (string)answer[0]! switch
        {
            "envelope" => new(StoreFound.Envelope, variant, (byte[])answer[2]!, TimeSpan.FromMilliseconds((long)answer[3])),
            "names" => new(StoreFound.UnknownNames, variant, (byte[])answer[2]!),
            "held" => new(StoreFound.Held, variant, Holder: (string)answer[2]!),
            "leased" => new(StoreFound.Leased, variant),
            _ => new(StoreFound.Nothing, variant),
        };
    }

    public async Task<StoreSet> SetAsync(StoreWrite write)
    {
        var place = write.Place;
        var answer = (RedisResult[])(await EvaluateAsync(
            Scripts.Set, RedisKeys.Of(place.Log, place.Key.Bytes),
            [place.Variant, write.Envelope, Milliseconds(write.Keep), write.Names, write.Position, write.Replaces ? 1 : 0, write.Lease ?? ""]))!;
        return new((long)answer[0] == 1, (byte[])answer[1]!);
    }

    public async Task ForgetAsync(SharedPlace place, UInt128 generation)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, generation);
        await EvaluateAsync(Scripts.Forget, RedisKeys.Of(place), [bytes]);
    }

    public async Task PingAsync() => await connection.Told(connection.Database.PingAsync());

    internal static long Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds);

    private Task<RedisResult> EvaluateAsync(string script, RedisKey key, RedisValue[] arguments) => connection.Told(connection.Database.ScriptEvaluateAsync(script, [key], arguments));
}
