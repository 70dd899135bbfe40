using System.Globalization;
using System.Text;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.LoadTests.Scale;

/// <summary>A tier with so many responses of 1 KiB, each with the fields that a web server sends.</summary>
internal sealed class Filling
{
    public const int Length = 1024;

    private readonly byte[] _body = new byte[Length];
    private readonly byte[][] _keys;

    public Filling(int count)
    {
        Tier = new(64L << 30);
        _keys = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            _keys[i] = KeyOf(i);
            Tier.Store(Make(i));
        }
    }

    public MemoryTier Tier { get; }

    public int Count => _keys.Length;

    /// <summary>Bytes of the test's own copies of the keys, which the tier does not hold.</summary>
    public long OwnBytes => _keys.Sum(key => 24L + ((key.Length + 7) / 8 * 8)) + (8L * _keys.Length);

    /// <summary>What a hit costs in the tier: look-up, reference, visit, copy of the body, release. Bytes copied; 0: it has left.</summary>
    public int Hit(int number, Span<byte> into)
    {
        if (Tier.Acquire(_keys[number]) is not { } response)
            return 0;
        Tier.Hit(response);
        var copied = 0;
        for (var piece = response.At(0); !piece.IsEmpty; piece = response.At(copied))
        {
            piece.CopyTo(into[copied..]);
            copied += piece.Length;
        }
        response.Release(Tier.Pool);
        return copied;
    }

    /// <summary>What the whole request path asks for: the response read out of its record, unless it was read lately. Bytes of its body.</summary>
    public long Read(int number) => Tier.Find(_keys[number].AsSpan())!.Responses[0].Body.Length;

    public StoredResponse Make(int number)
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        return new()
        {
            Key = new CacheKey(KeyOf(number)),
            Variant = VariantKey.None,
            Status = 200,
            Fields = new FieldList(
            [
                new("Content-Type", "text/html; charset=utf-8"), new("Cache-Control", "public, max-age=3600"), new("Server", "origin"),
                new("ETag", $"\"{text}-5f3a\""), new("Last-Modified", "Sun, 22 Nov 2026 12:00:00 GMT"), new("Date", "Sun, 22 Nov 2026 12:00:01 GMT"),
            ]),
            Reuse = new ReuseFacts { InitialAge = TimeSpan.Zero, Lifetime = TimeSpan.FromHours(1) },
            Date = DateTimeOffset.UnixEpoch,
            ReceivedAt = TimeProvider.System.GetTimestamp(),
            Identity = PurgeIdentity.Of("http", "www.example.com", "/articles/" + text, []),
            AsOf = 0,
            Body = Body.Of(Tier.Pool, _body),
        };
    }

    private static byte[] KeyOf(int number) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"www.example.com\0/articles/{number}\0\0"));
}
