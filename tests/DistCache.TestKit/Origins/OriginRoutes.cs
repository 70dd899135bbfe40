using System.Collections.Concurrent;

namespace DistCache.TestKit;

/// <summary>Finds the route of a request: the exact target first, then the target without its query, then the route for all others.</summary>
internal sealed class OriginRoutes<TScript>(Func<OriginRequest, TScript> notFound)
{
    private readonly ConcurrentDictionary<string, OriginRoute<TScript>> _routes = new(StringComparer.Ordinal);

    public OriginRoute<TScript> Others { get; } = new OriginRoute<TScript>().Answer(notFound);

    public OriginRoute<TScript> On(string target) => _routes.GetOrAdd(target, _ => new OriginRoute<TScript>());

    public OriginRoute<TScript> Find(OriginRequest request) =>
        Configured(request.Target) ?? Configured(request.Target.Split('?', 2)[0]) ?? Others;

    private OriginRoute<TScript>? Configured(string target) =>
        _routes.TryGetValue(target, out var route) && route.HasAnswer ? route : null;
}
