using System.Buffers;
using DistCache.Redis.Connections;
using DistCache.Storage.Shared;
using StackExchange.Redis;

namespace DistCache.Redis.Shared;

/// <summary>Chunks of long bodies: plain values, each with its own end of life, spread over all slots.</summary>
public sealed class RedisChunks(RedisConnection connection) : IChunkStore
{
    private const int AtOnce = 256;

    public async Task<IMemoryOwner<byte>?> ReadAsync(UInt128 generation, int index) =>
        await connection.Told(connection.Database.StringGetLeaseAsync(RedisKeys.Chunk(generation, index)));

    public async Task WriteAsync(UInt128 generation, int index, ReadOnlyMemory<byte> chunk, TimeSpan keep) =>
        await connection.Told(connection.Database.StringSetAsync(RedisKeys.Chunk(generation, index), chunk, keep));

    public async Task<bool> KeepAsync(BodyPlace place, TimeSpan keep)
    {
        var areAllThere = true;
        for (var first = 0; first < place.Chunks; first += AtOnce)
        {
            var keeping = Enumerable.Range(first, Math.Min(AtOnce, place.Chunks - first))
                .Select(index => connection.Database.KeyExpireAsync(RedisKeys.Chunk(place.Generation, index), keep));
            foreach (var isThere in await connection.Told(Task.WhenAll(keeping)))
                areAllThere &= isThere;
        }
        return areAllThere;
    }
}
