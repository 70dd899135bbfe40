using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using DistCache.Storage.Shared;
using StackExchange.Redis;

namespace DistCache.Redis.Shared;

/// <summary>
/// Names in the store. Nothing that a client sends stands in one, so nobody chooses slots, patterns or foreign keys.
/// <code>
///   dc1:LOG:{KEY}          a response, or the names that the key varies on      LOG: id of the purge log, 16 hex digits
///   dc1:LOG:{KEY}:PARTS    one variant                                          KEY: SHA-256 of the cache key, base64url
///   ...:l                  lease on any of these
///   dc1:c:GENERATION:INDEX a chunk
/// </code>
/// The braces keep what belongs to one key in one slot of a cluster, so that one script may follow it; chunks spread over all.
/// </summary>
internal static class RedisKeys
{
    private const string Prefix = "dc1:";

    public static RedisKey Of(ulong log, ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{log:x16}:{{{Base64Url.EncodeToString(hash)}}}");
    }

    public static RedisKey Of(in SharedPlace place) => Of(place.Log, place.Key.Bytes).Append(place.Variant);

    public static RedisKey LeaseOf(in SharedPlace place) => Of(place).Append(":l");

    public static RedisKey Chunk(UInt128 generation, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}c:{generation:x32}:{index}");
}
