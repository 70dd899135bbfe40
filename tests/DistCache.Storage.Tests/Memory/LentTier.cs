using System.Collections.Concurrent;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Storage.Tests.Memory;

/// <summary>An empty tier for as long as somebody holds this. A tier keeps its native memory for ever, so tens of thousands of them would take it all.</summary>
internal sealed class LentTier
{
    private const int LentBetweenCollections = 64;

    private static readonly ConcurrentBag<Lending> All = []; // never unreachable: what was on its way to its own end cannot be used again
    private static readonly ConcurrentBag<Lending> Free = [];
    private static int _lent;

    private readonly Lending _lending = Free.TryTake(out var lending) ? lending : Made();

    private LentTier()
    {
    }

    ~LentTier()
    {
        foreach (var response in Tier.Responses)
            Tier.Remove(response);
        Free.Add(_lending);
    }

    public MemoryTier Tier => _lending.Tier;

    /// <summary>That the tier knows. What was applied for others before stays there: positions begin where they ended.</summary>
    public PurgeIndex Purges => _lending.Purges;

    /// <summary>The tier's clock, which stands still.</summary>
    public FakeTimeProvider Time => _lending.Time;

    public static LentTier Next()
    {
        if (Interlocked.Increment(ref _lent) % LentBetweenCollections == 0) // the collector does not see the native memory
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return new();
    }

    private static Lending Made()
    {
        var (time, purges) = (new FakeTimeProvider(), new PurgeIndex());
        var lending = new Lending(new MemoryTier(16 << 20, time, purges), purges, time);
        lending.Tier.Store(Stored.Response("/", Body.Of(lending.Tier.Pool, []))); // from the first one on, what the tier has for itself is counted
        lending.Tier.Remove(new CacheKey("/"u8.ToArray()));
        All.Add(lending);
        return lending;
    }

    private sealed record Lending(MemoryTier Tier, PurgeIndex Purges, FakeTimeProvider Time);
}
