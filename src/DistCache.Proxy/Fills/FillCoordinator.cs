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
    /// <param name="isSettled">
    /// Asked once this fill is the one to join, before it starts: whether the fill that the look-up just missed has stored its response by
    /// now. Then nothing is fetched, and everybody looks again.
    /// </param>
    public Fill JoinOrLead(CacheKey fillKey, Func<Fill, bool> mayJoin, Func<bool> isSettled, Func<FillRequest> request, out bool leads)
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
            mine ??= new(request(), services, ended => _fills.TryRemove(KeyValuePair.Create(fillKey, ended)));
            if (isUnderWay ? !_fills.TryUpdate(fillKey, mine, other!) : !_fills.TryAdd(fillKey, mine))
                continue;
            leads = true;
            if (isSettled())
                mine.Supersede();
            else
                mine.Start();
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
