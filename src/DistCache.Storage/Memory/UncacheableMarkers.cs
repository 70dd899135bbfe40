using System.Collections.Concurrent;
using DistCache.Storage.Keys;

namespace DistCache.Storage.Memory;

/// <summary>
/// Keys whose last answer could not be stored: requests for them are not collapsed, so that no crowd queues for nothing (Varnish's
/// hit-for-pass). Bounded in number; each lasts <see cref="Lifetime"/>.
/// </summary>
public sealed class UncacheableMarkers(TimeProvider time, int most = 100_000)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<CacheKey, long> _since = new(CacheKeyComparer.Instance);
    private readonly ConcurrentQueue<CacheKey> _order = new();

    public bool IsMarked(CacheKey key)
    {
        if (!_since.TryGetValue(key, out var since))
            return false;
        if (time.GetElapsedTime(since) < Lifetime)
            return true;
        _since.TryRemove(KeyValuePair.Create(key, since));
        return false;
    }

    public void Mark(CacheKey key)
    {
        var isNew = true;
        _since.AddOrUpdate(key, _ => time.GetTimestamp(), (_, _) => { isNew = false; return time.GetTimestamp(); });
        if (!isNew)
            return;
        _order.Enqueue(key);
        while (_order.Count > most && _order.TryDequeue(out var oldest))
            _since.TryRemove(oldest, out _);
    }

    public void Unmark(CacheKey key) => _since.TryRemove(key, out _);
}
