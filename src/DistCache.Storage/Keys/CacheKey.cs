using System.IO.Hashing;
using System.Security.Cryptography;

namespace DistCache.Storage.Keys;

/// <summary>What selects a stored response: length-delimited parts, so that <c>a</c>+<c>b</c> is never <c>ab</c>. Equal only byte for byte.</summary>
public sealed class CacheKey
{
    private readonly byte[] _bytes;

    public CacheKey(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    public ReadOnlySpan<byte> Bytes => _bytes;

    public int Length => _bytes.Length;
}

/// <summary>Compares keys by content.</summary>
public sealed class CacheKeyComparer : IEqualityComparer<CacheKey>
{
    public static readonly CacheKeyComparer Instance = new();

    // Seeded per process: who chooses URLs must not be able to choose collisions.
    private static readonly long Seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    public bool Equals(CacheKey? x, CacheKey? y) => ReferenceEquals(x, y) || (x is not null && y is not null && x.Bytes.SequenceEqual(y.Bytes));

    public int GetHashCode(CacheKey key) => Hash(key.Bytes).GetHashCode();

    /// <summary>64 bits of the same: what the memory tier knows a key by.</summary>
    internal static ulong Hash(ReadOnlySpan<byte> key) => XxHash3.HashToUInt64(key, Seed);
}
