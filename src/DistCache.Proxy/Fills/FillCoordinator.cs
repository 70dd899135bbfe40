using System.Collections.Concurrent;
using DistCache.Storage.Keys;

namespace DistCache.Proxy.Fills;

/// <summary>The fills under way that others may join, by key and, where a Vary is known, by the nominated values.</summary>
internal sealed class FillCoordinator(FillServices services)
{
    private readonly ConcurrentDictionary<CacheKey, Fill> _fills = new(CacheKeyComparer.Instance);

    /// <summary>
    /// Joins the fill under way for this key, or leads a new one: also beside one that a purge has overtaken, for nobody who comes after
    /// the purge may have its answer.
    /// </summary>
    /// <param name="mayJoin">Asked of the fill under way.</param>
    /// <param name="request">Asked when there is none to join; null: one has ended since the look-up, and what it stored answers.</param>
    /// <returns>Null when <paramref name="request"/> said so.</returns>
    public Fill? JoinOrLead(CacheKey fillKey, Func<Fill, bool> mayJoin, Func<FillRequest?> request, out bool leads)
    {
        Fill? mine = null;
        while (true)
        {
            var isUnderWay = _fills.TryGetValue(fillKey, out var other);
            if (isUnderWay && mayJoin(other!))
            {
                leads = false;
                return other!;
            }
            if (mine is null)
            {
                if (request() is not { } needed)
                {
                    leads = false;
                    return null;
                }
                mine = new(needed, services, ended => _fills.TryRemove(KeyValuePair.Create(fillKey, ended)));
            }
            if (isUnderWay ? !_fills.TryUpdate(fillKey, mine, other!) : !_fills.TryAdd(fillKey, mine))
                continue;
            mine.Start();
            leads = true;
            return mine;
        }
    }

    /// <summary>A fill that nobody joins.</summary>
    public Fill Alone(FillRequest request)
    {
        var fill = new Fill(request, services, static _ => { });
        fill.Start();
        return fill;
    }
}
