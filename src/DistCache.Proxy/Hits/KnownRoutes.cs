using DistCache.Proxy.Policies;
using DistCache.Proxy.Telemetry;

namespace DistCache.Proxy.Hits;

/// <summary>Under which route and policy a plain request was answered.</summary>
/// <param name="Revision">Of the configuration.</param>
internal sealed record KnownRoute(int Revision, CachePolicy Policy, RouteCounts Counts);

/// <summary>The routes of known hits, as numbers that native memory may hold. Those of an older configuration are forgotten.</summary>
internal sealed class KnownRoutes
{
    private readonly Lock _gate = new();
    private KnownRoute[] _routes = [];

    /// <summary>Null: it is of another configuration.</summary>
    public KnownRoute? Of(long stamp, int revision)
    {
        var routes = Volatile.Read(ref _routes);
        var number = (int)stamp;
        return (int)(stamp >> 32) == revision && number < routes.Length && routes[number].Revision == revision ? routes[number] : null;
    }

    public long StampOf(int revision, CachePolicy policy, RouteCounts counts)
    {
        if (TryFind(Volatile.Read(ref _routes), revision, policy, counts, out var stamp))
            return stamp;
        lock (_gate)
        {
            if (TryFind(_routes, revision, policy, counts, out stamp))
                return stamp;
            if (_routes is [var newer, ..] && newer.Revision > revision)
                return StampOf(revision, int.MaxValue); // It began under a configuration that is no more, and numbers are given to one route only.
            KnownRoute[] routes = _routes is [var first, ..] && first.Revision != revision ? [] : _routes;
            Volatile.Write(ref _routes, [.. routes, new(revision, policy, counts)]);
            return StampOf(revision, routes.Length);
        }
    }

    private static bool TryFind(KnownRoute[] routes, int revision, CachePolicy policy, RouteCounts counts, out long stamp)
    {
        for (var number = 0; number < routes.Length; number++)
            if (routes[number].Revision == revision && ReferenceEquals(routes[number].Policy, policy) && ReferenceEquals(routes[number].Counts, counts))
            {
                stamp = StampOf(revision, number);
                return true;
            }
        stamp = 0;
        return false;
    }

    private static long StampOf(int revision, int number) => ((long)revision << 32) | (uint)number;
}
