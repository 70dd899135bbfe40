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
        var stamp = (long)revision << 32;
        lock (_gate)
        {
            KnownRoute[] routes = _routes is [var first, ..] && first.Revision != revision ? [] : _routes;
            var number = Array.FindIndex(routes, route => route.Policy == policy && route.Counts == counts);
            if (number >= 0)
                return stamp | (uint)number;
            Volatile.Write(ref _routes, [.. routes, new(revision, policy, counts)]);
            return stamp | (uint)routes.Length;
        }
    }
}
