using System.Collections.Concurrent;
using DistCache.Storage.Memory;

namespace DistCache.Storage.Tests.Memory;

/// <summary>An empty tier for as long as somebody holds this. A tier keeps its native memory for ever, so tens of thousands of them would take it all.</summary>
internal sealed class LentTier
{
    private const int LentBetweenCollections = 256;

    private static readonly ConcurrentBag<MemoryTier> All = []; // never unreachable: what was on its way to its own end cannot be used again
    private static readonly ConcurrentBag<MemoryTier> Free = [];
    private static int _lent;

    private LentTier() => Tier = Free.TryTake(out var tier) ? tier : Made();

    ~LentTier()
    {
        foreach (var response in Tier.Responses)
            Tier.Remove(response);
        Free.Add(Tier);
    }

    public MemoryTier Tier { get; }

    private static MemoryTier Made()
    {
        var tier = new MemoryTier(16 << 20);
        All.Add(tier);
        return tier;
    }

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
