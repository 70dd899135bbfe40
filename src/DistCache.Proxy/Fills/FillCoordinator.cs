using System.Collections.Concurrent;
using DistCache.Proxy.Delivery;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Keys;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Fills;

/// <summary>The fills under way that others may join, by key and, where a Vary is known, by the nominated values.</summary>
internal sealed class FillCoordinator(FillServices services)
{
    private readonly ConcurrentDictionary<CacheKey, Fill> _fills = new(CacheKeyComparer.Instance);

    /// <summary>
    /// Joins the fill under way for this key, or leads a new one: also beside one that a purge has overtaken, for nobody who comes after
    /// the purge may have its answer. Two at most: however many purges come while they run, the rest wait for one of them to end.
    /// </summary>
    /// <param name="mayJoin">Asked of the fill under way.</param>
    /// <param name="isSettled">
    /// Asked once this fill is the one to join, before it starts: whether the fill that the look-up just missed has stored its response by
    /// now. Then nothing is fetched, and everybody looks again.
    /// </param>
    /// <returns>Null: two are under way and neither may be joined.</returns>
    public Fill? JoinOrLead(CacheKey fillKey, Func<Fill, bool> mayJoin, Func<bool> isSettled, Func<FillRequest> request, out bool leads)
    {
        Fill? mine = null;
        while (true)
        {
            leads = false;
            var isUnderWay = _fills.TryGetValue(fillKey, out var other);
            if (isUnderWay && mayJoin(other!))
                return other;
            if (isUnderWay && other!.Overtaken is { HasLeft: false } && services.Purges.Rules.TwoFillsAtMost)
                return null;
            mine ??= new(request(), services, Ended(fillKey));
            if (isUnderWay)
                other!.Overtaken = null; // it has left
            mine.Overtaken = other;
            if (isUnderWay ? !_fills.TryUpdate(fillKey, mine, other!) : !_fills.TryAdd(fillKey, mine))
                continue;
            leads = true;
            Begin(mine, isSettled);
            return mine;
        }
    }

    /// <summary>Until one of the two fills of this key has left, or there is room for another reason. Not until it has ended: what is its leader's alone may have no end.</summary>
    public async Task WaitForTurnAsync(CacheKey fillKey, CancellationToken cancel)
    {
        if (_fills.TryGetValue(fillKey, out var fill) && fill.Overtaken is { } overtaken)
            await Task.WhenAny(LeftAsync(fill), LeftAsync(overtaken)).WaitAsync(cancel);
    }

    // Awaited: WhenAny would go on from it on a thread of the pool, whatever context its caller has.
    private static async Task LeftAsync(Fill fill) => await fill.Left;

    /// <summary>A fill that nobody joins.</summary>
    public Fill Alone(FillRequest request)
    {
        var fill = new Fill(request, services, static _ => { });
        Begin(fill, static () => false);
        return fill;
    }

    private void Begin(Fill fill, Func<bool> isSettled)
    {
        FillOutcome? instead = new FillOutcome.Superseded(); // whatever isSettled throws: a fill that never ends would be joined for ever
        try
        {
            instead = isSettled() ? instead : services.TryBegin() ? null : TooMany;
        }
        finally
        {
            if (instead is null)
                fill.Start();
            else
                fill.EndUnstarted(instead);
        }
    }

    internal static readonly FillOutcome.Failed TooMany =
        new(StatusCodes.Status503ServiceUnavailable, OriginFailure.Unreachable, "too-many-fills", ProxyStatus.ConnectionLimitReached);

    private Action<Fill> Ended(CacheKey fillKey) => ended => Leave(fillKey, ended);

    /// <summary>One that it has overtaken may be slower, and counts as long as it runs: else a third would be begun beside it, and a fourth.</summary>
    private void Leave(CacheKey fillKey, Fill ended)
    {
        ended.HasLeft = true;
        if (ended.Overtaken is not { HasLeft: false } slower || !_fills.TryUpdate(fillKey, slower, ended))
            _fills.TryRemove(KeyValuePair.Create(fillKey, ended));
        else if (slower.HasLeft) // meanwhile, and it did not find itself here
            _fills.TryRemove(KeyValuePair.Create(fillKey, slower));
        ended.TellLeft(); // last: who waits for the place finds it as it is to be
    }
}
