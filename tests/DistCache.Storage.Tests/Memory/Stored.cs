using System.IO.Hashing;
using System.Text;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.Storage.Tests.Memory;

/// <summary>Small stored responses, and residents made of them.</summary>
internal static class Stored
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static StoredResponse Response(
        string key, Body body, ReuseFacts? reuse = null, string? language = null, int second = 0, long? receivedAt = null, long asOf = 0, string[]? tags = null, long? askedAt = null) => new()
    {
        Key = new CacheKey(Encoding.UTF8.GetBytes(key)),
        Variant = language is null ? VariantKey.None : new VariantKey(["accept-language"], [language]),
        Status = 200,
        Fields = FieldList.Empty,
        Reuse = reuse ?? Fresh(TimeSpan.FromHours(1)),
        Date = Noon.AddSeconds(second),
        ReceivedAt = receivedAt ?? TimeProvider.System.GetTimestamp(),
        AskedAt = askedAt,
        Identity = PurgeIdentity.Of("http", "test", key, tags ?? []),
        AsOf = asOf,
        Body = body,
    };

    public static ReuseFacts Fresh(TimeSpan lifetime) => new() { InitialAge = TimeSpan.Zero, Lifetime = lifetime };

    /// <summary>Takes <paramref name="bytes"/> by its own account; its body is empty.</summary>
    public static Resident Resident(ChunkPool pool, string key, long bytes)
    {
        var response = Response(key, Body.Of(pool, []));
        var resident = DistCache.Storage.Memory.Resident.Make(pool, response, DistCache.Storage.Memory.Resident.TextOf(response), HashOf(key), pastUse: long.MaxValue);
        resident.Bytes = bytes;
        return resident;
    }

    /// <summary>Without the process' seed: what shares a counter does so in every run.</summary>
    public static ulong HashOf(string key) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(key));

    public static string KeyOf(Resident resident) => Encoding.UTF8.GetString(resident.Key);
}
