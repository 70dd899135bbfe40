using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using BitFaster.Caching.Scheduler;

namespace DistCache.LoadTests.HitRatio;

/// <summary>BitFaster.Caching, which is bounded by count: for traces of keys only.</summary>
internal sealed class BitFasterCandidate(int count, bool isLfu) : ICandidate
{
    private readonly BitFaster.Caching.ICache<int, int> _cache = isLfu
        ? new ConcurrentLfu<int, int>(1, Math.Max(3, count), new ForegroundScheduler(), EqualityComparer<int>.Default)
        : new ConcurrentLru<int, int>(1, Math.Max(3, count), EqualityComparer<int>.Default);

    public string Name => isLfu ? "BitFaster LFU" : "BitFaster LRU";

    public bool Ask(int id)
    {
        if (_cache.TryGet(id, out _))
            return true;
        _cache.AddOrUpdate(id, id);
        return false;
    }
}
