using System.Collections.Concurrent;
using DistCache.Storage.Bodies;
using DistCache.Storage.Memory;

namespace DistCache.Storage.Tests.Memory;

/// <summary>
/// A tier that nobody has used before, so that who leaves follows from what is done here and from nothing else; and what it answered. Its
/// memory goes back to the system with it: only addresses are lost.
/// </summary>
internal sealed class FreshTier
{
    private const int MadeBetweenCollections = 64;
    private const int PagesOfRegion = NativePages.Huge / ChunkPool.Largest;

    private static int _made;

    public FreshTier(long capacity)
    {
        if (Interlocked.Increment(ref _made) % MadeBetweenCollections == 0) // the collector does not see the native memory
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Tier = new(capacity);
    }

    ~FreshTier()
    {
        foreach (var response in Tier.Responses)
            Tier.Remove(response);
        // The system may have given all pages of the region at once, and only those that have been in use go back.
        foreach (var page in Enumerable.Range(0, PagesOfRegion).Select(_ => Tier.Pool.Rent(ChunkPool.Largest)).ToArray())
            Tier.Pool.Return(page);
        Tier.Pool.GiveBackFreePages();
    }

    public MemoryTier Tier { get; }

    /// <summary>By the operation itself: two that ask for the same are two.</summary>
    public ConcurrentDictionary<object, bool> Answers { get; } = new(ReferenceEqualityComparer.Instance);
}
