using DistCache.Proxy.Delivery;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Policies;
using DistCache.Storage.Keys;

namespace DistCache.Proxy.Origins;

/// <summary>On the client's own context while it is passed: what the response transform needs to know.</summary>
/// <param name="Watched">Marked uncacheable: when this answer could have been stored after all, the mark goes.</param>
/// <param name="Kept">What may be stored of its answer; null: nothing in any case.</param>
internal sealed record PassState(CacheStatus Status, CachePolicy? Policy, CacheKey? Watched, PassedAnswer? Kept);
