using DistCache.Semantics.Reuse;

namespace DistCache.Storage.Shared;

/// <summary>How long a copy is worth keeping: while it is fresh, while it may be served stale, and while its validator may spare a body.</summary>
public static class SharedLifetime
{
    /// <summary>Nothing is kept for longer: a purge log need not remember more.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromDays(7);

    /// <summary>Chunks outlive their head by the time that a slow reader may take.</summary>
    public static readonly TimeSpan ReadTime = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeastToValidate = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MostToValidate = TimeSpan.FromDays(1);

    /// <param name="resident">Since this node received it.</param>
    /// <returns>Zero: it is not worth the writing.</returns>
    public static TimeSpan Of(in ReuseFacts reuse, TimeSpan resident)
    {
        var fresh = reuse.NoCache ? TimeSpan.Zero : reuse.TtlAfter(resident);
        var stale = reuse.ForbidsStale ? TimeSpan.Zero : Longest(reuse.StaleWhileRevalidate, reuse.StaleIfError, reuse.StaleIfUnreachable);
        var validated = reuse.HasValidator ? Clamp(reuse.Lifetime, LeastToValidate, MostToValidate) : TimeSpan.Zero;
        var keep = fresh + Longest(Clamp(stale, TimeSpan.Zero, Most), validated);
        return keep < Least ? TimeSpan.Zero : Clamp(keep, Least, Most);
    }

    private static TimeSpan Longest(params ReadOnlySpan<TimeSpan> times)
    {
        var longest = TimeSpan.Zero;
        foreach (var time in times)
            longest = time > longest ? time : longest;
        return longest;
    }

    private static TimeSpan Clamp(TimeSpan time, TimeSpan least, TimeSpan most) => time < least ? least : time > most ? most : time;
}
