using System.Text;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;
using DistCache.Storage.Shared;

namespace DistCache.Storage.Tests.Shared.Kit;

/// <summary>Responses to write and envelopes to break.</summary>
internal static class Copies
{
    public static CacheKey Key(string text) => new(Encoding.UTF8.GetBytes(text));

    public static StoredResponse Response(ChunkPool pool, string key, byte[] body, long receivedAt, long asOf = 0, VariantKey? variant = null, int lifetime = 60, IReadOnlyList<string>? tags = null) => new()
    {
        Key = Key(key),
        Variant = variant ?? VariantKey.None,
        Status = 200,
        Fields = new([new("Content-Type", "text/plain"), new("ETag", "\"v1\""), new("X-Odd", "caf\u00e9"), new("Cache-Tag", "a,b")]),
        Reuse = new ReuseFacts { InitialAge = TimeSpan.FromSeconds(3), Lifetime = TimeSpan.FromSeconds(lifetime), HasValidator = true, StaleIfError = TimeSpan.FromSeconds(30) },
        ETag = new EntityTag("\"v1\""),
        LastModified = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero),
        Date = new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero),
        ReceivedAt = receivedAt,
        Identity = PurgeIdentity.Of("https", "example.org", "/" + key, tags ?? ["a", "b"]),
        AsOf = asOf,
        Body = Body.Of(pool, body),
    };

    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static byte[] Envelope(StoredResponse response, Stamp stamp, TimeSpan? keep = null) => EnvelopeWriter.Write(
        Storage.Shared.Envelope.Of(response, stamp, "1.1", TimeSpan.FromSeconds(2), keep ?? TimeSpan.FromMinutes(5), BodyPlace.Inline(response.Body.Length)), response.Body);
}
