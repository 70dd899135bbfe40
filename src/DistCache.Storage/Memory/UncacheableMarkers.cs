using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Security.Cryptography;
using DistCache.Storage.Keys;

namespace DistCache.Storage.Memory;

/// <summary>
/// Keys whose last answer could not be stored: requests for them are not collapsed, so that no crowd queues for nothing (Varnish's
/// hit-for-pass). Bounded in number; each lasts <see cref="Lifetime"/>.
/// </summary>
/// <remarks>A mark is a hint, so it keeps a seeded 128-bit hash in place of the key: clients choose how long keys are.</remarks>
public sealed class UncacheableMarkers(TimeProvider time, int most = 100_000)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    private static readonly long Seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    private readonly ConcurrentDictionary<UInt128, long> _since = new();
    private readonly ConcurrentQueue<UInt128> _order = new();

    public bool IsMarked(CacheKey key)
    {
        var hash = HashOf(key);
        if (!_since.TryGetValue(hash, out var since))
            return false;
        if (time.GetElapsedTime(since) < Lifetime)
            return true;
        _since.TryRemove(KeyValuePair.Create(hash, since));
        return false;
    }

    public void Mark(CacheKey key)
    {
        var hash = HashOf(key);
        var isNew = true;
        _since.AddOrUpdate(hash, _ => time.GetTimestamp(), (_, _) => { isNew = false; return time.GetTimestamp(); });
        if (!isNew)
            return;
        _order.Enqueue(hash);
        while (_order.Count > most && _order.TryDequeue(out var oldest))
            _since.TryRemove(oldest, out _);
    }

    public void Unmark(CacheKey key) => _since.TryRemove(HashOf(key), out _);

    private static UInt128 HashOf(CacheKey key) => XxHash128.HashToUInt128(key.Bytes, Seed);
}
