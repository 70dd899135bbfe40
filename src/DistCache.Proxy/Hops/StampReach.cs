using DistCache.Storage.Shared;

namespace DistCache.Proxy.Hops;

/// <summary>Rule 20: what another node has applied, and this one perhaps not yet.</summary>
internal static class StampReach
{
    /// <summary>For one look at the log; the other node waits, and its client.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The stamp's place in this node's own count, after a look at the log where it lies ahead. Null: it cannot be compared, or the log does not answer in time.</summary>
    public static async ValueTask<long?> AsOfAsync(this IStampClock stamps, Stamp stamp, TimeProvider time, CancellationToken cancel)
    {
        var place = stamps.PlaceOf(stamp, out var asOf);
        if (place is StampPlace.Ahead)
        {
            await CatchUpAsync(stamps, time, cancel);
            place = stamps.PlaceOf(stamp, out asOf);
        }
        return place is StampPlace.Known ? asOf : null;
    }

    private static async Task CatchUpAsync(IStampClock stamps, TimeProvider time, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            await stamps.CatchUpAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // The stamp stays ahead.
        }
    }
}
