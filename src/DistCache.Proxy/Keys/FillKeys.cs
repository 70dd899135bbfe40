using System.Buffers.Binary;
using System.Text;
using DistCache.Storage.Keys;

namespace DistCache.Proxy.Keys;

/// <summary>Where a Vary is already known, requests of other variants get fills of their own from the start.</summary>
internal static class FillKeys
{
    /// <summary>The key, then for each nominated field its length (4 bytes, -1: absent) and value.</summary>
    public static CacheKey With(CacheKey key, VariantKey variant)
    {
        var buffer = new byte[key.Length + variant.Values.Sum(value => 4 + (3 * (value?.Length ?? 0)))];
        key.Bytes.CopyTo(buffer);
        var at = key.Length;
        foreach (var value in variant.Values)
        {
            var length = value is null ? -1 : Encoding.UTF8.GetBytes(value, buffer.AsSpan(at + 4));
            BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(at), length);
            at += 4 + Math.Max(length, 0);
        }
        return new(buffer.AsSpan(0, at));
    }
}
