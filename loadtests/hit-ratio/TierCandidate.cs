using System.Buffers.Binary;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.LoadTests.HitRatio;

/// <summary>The edge's own memory tier, with its real accounting; only bodies that are too long to lie in a record are not filled with bytes.</summary>
internal sealed class TierCandidate(int[] sizes, long capacity) : ICandidate
{
    public const string OwnName = "DistCache";

    private static readonly byte[] Short = new byte[StoredBody.LongEnoughForChunks];

    private readonly MemoryTier _tier = new(capacity);
    private readonly byte[] _key = new byte[sizeof(int)];

    public string Name => OwnName;

    /// <summary>Bytes that all objects take in the tier.</summary>
    public static long FootprintOf(int[] sizes)
    {
        var tier = new MemoryTier(1L << 50);
        var sum = 0L;
        var key = new byte[sizeof(int)];
        for (var id = 0; id < sizes.Length; id++)
            if (sizes[id] > 0)
            {
                var response = Make(tier, key, id, sizes[id]);
                sum += response.Overhead + response.Body.Footprint;
                response.Body.Release();
            }
        return sum;
    }

    public bool Ask(int id)
    {
        BinaryPrimitives.WriteInt32BigEndian(_key, id);
        if (_tier.Acquire(_key) is { } response)
        {
            _tier.Hit(response);
            response.Release(_tier.Pool);
            return true;
        }
        // As a fill does: room first, then the body, then the response.
        if (_tier.MakeRoom(Body.FootprintOf(sizes[id]), _key))
            _tier.Store(Make(_tier, _key, id, sizes[id]));
        return false;
    }

    private static StoredResponse Make(MemoryTier tier, byte[] key, int id, int size)
    {
        BinaryPrimitives.WriteInt32BigEndian(key, id);
        return new()
        {
            Key = new CacheKey(key),
            Variant = VariantKey.None,
            Status = 200,
            Fields = FieldList.Empty,
            Reuse = new ReuseFacts { InitialAge = TimeSpan.Zero, Lifetime = TimeSpan.FromDays(365) },
            Date = DateTimeOffset.UnixEpoch,
            ReceivedAt = TimeProvider.System.GetTimestamp(),
            Identity = PurgeIdentity.Of("http", "h", "/", []),
            AsOf = 0,
            Body = size < StoredBody.LongEnoughForChunks ? Body.Of(tier.Pool, Short.AsSpan(0, size)) : Body.Counted(tier.Pool, size),
        };
    }
}
