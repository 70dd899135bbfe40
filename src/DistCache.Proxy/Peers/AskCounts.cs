using DistCache.Storage.Keys;

namespace DistCache.Proxy.Peers;

/// <summary>
/// About how often a key was missed here of late: 64 Ki counters of a byte by hash, halved when they have been added to ten times over. Keys that share a counter
/// count for each other, which only lets one be kept a little sooner; nor does an addition that is lost between threads matter.
/// </summary>
internal sealed class AskCounts
{
    /// <summary>From so many asks on a key is everybody's.</summary>
    public const int Hot = 3;

    private const int Size = 1 << 16;

    private readonly byte[] _counts = new byte[Size];
    private int _added;

    public int Add(CacheKey key)
    {
        if (Interlocked.Increment(ref _added) == 10 * Size)
            Halve();
        ref var count = ref _counts[CacheKeyComparer.Instance.GetHashCode(key) & (Size - 1)];
        return count < byte.MaxValue ? ++count : count;
    }

    private void Halve()
    {
        for (var i = 0; i < Size; i++)
            _counts[i] /= 2;
        Volatile.Write(ref _added, 5 * Size);
    }
}
