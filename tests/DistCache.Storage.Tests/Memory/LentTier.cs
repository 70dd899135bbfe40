using System.Collections.Concurrent;
using DistCache.Storage.Memory;

namespace DistCache.Storage.Tests.Memory;

/// <summary>An empty tier for as long as somebody holds this. A tier keeps its native memory for ever, so tens of thousands of them would take it all.</summary>
internal sealed class LentTier
{
    private const int LentBetweenCollections = 256;

    private static readonly ConcurrentBag<MemoryTier> Free = [];
    private static int _lent;

    private LentTier() => Tier = Free.TryTake(out var tier) ? tier : new(16 << 20);

    ~LentTier()
    {
        foreach (var response in Tier.Responses)
            Tier.Remove(response);
        Free.Add(Tier);
    }

    public MemoryTier Tier { get; }

    public static LentTier Next()
    {
        if (Interlocked.Increment(ref _lent) % LentBetweenCollections == 0) // the collector does not see the native memory
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return new();
    }
}
