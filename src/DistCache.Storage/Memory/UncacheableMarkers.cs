using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Security.Cryptography;
using DistCache.Storage.Keys;

namespace DistCache.Storage.Memory;

/// <summary>
/// Keys whose last answer could not be stored, and why: requests for them are not collapsed, so that no crowd queues for nothing
/// (Varnish's hit-for-pass). Bounded in number; each lasts <see cref="Lifetime"/>.
/// </summary>
/// <remarks>A mark is a hint, so it keeps a seeded 128-bit hash in place of the key: clients choose how long keys are.</remarks>
public sealed class UncacheableMarkers(TimeProvider time, int most = 100_000)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    private static readonly long Seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    private readonly ConcurrentDictionary<UInt128, Marker> _markers = new();
    private readonly ConcurrentQueue<UInt128> _order = new();

    public int Count => _markers.Count;

    public bool IsMarked(CacheKey key) => ReasonFor(key, out _) is not null;

    /// <summary>The named reason why its last answer was not stored; null: it is not marked.</summary>
    /// <param name="age">Since then.</param>
    public string? ReasonFor(CacheKey key, out TimeSpan age)
    {
        age = default;
        var hash = HashOf(key);
        if (!_markers.TryGetValue(hash, out var marker))
            return null;
        age = time.GetElapsedTime(marker.Since);
        if (age < Lifetime)
            return marker.Reason;
        _markers.TryRemove(KeyValuePair.Create(hash, marker));
        return null;
    }

    /// <param name="reason">One of the named reasons: a constant, so that a mark costs no more than a reference.</param>
    public void Mark(CacheKey key, string reason)
    {
        var hash = HashOf(key);
        var marker = new Marker(time.GetTimestamp(), reason);
        var isNew = true;
        _markers.AddOrUpdate(hash, marker, (_, _) => { isNew = false; return marker; });
        if (!isNew)
            return;
        _order.Enqueue(hash);
        while (_order.Count > most && _order.TryDequeue(out var oldest))
            _markers.TryRemove(oldest, out _);
    }

    public void Unmark(CacheKey key) => _markers.TryRemove(HashOf(key), out _);

    private static UInt128 HashOf(CacheKey key) => XxHash128.HashToUInt128(key.Bytes, Seed);

    private readonly record struct Marker(long Since, string Reason);
}
