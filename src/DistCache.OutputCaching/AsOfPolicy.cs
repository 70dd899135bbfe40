using Microsoft.AspNetCore.OutputCaching;

namespace DistCache.OutputCaching;

/// <summary>
/// Notes for each request, before anything else, up to which purge its page will be true. A base policy: it says nothing of whether and how a
/// page is cached.
/// </summary>
internal sealed class AsOfPolicy(OutputCacheNode node) : IOutputCachePolicy
{
    private long _fences;

    public ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        var fence = node.HoldsLease ? 0 : Interlocked.Increment(ref _fences);
        var (name, value) = PageKey.ValueOf(context.HttpContext.Request, node.Purges.Version, fence);
        context.CacheVaryByRules.VaryByValues[name] = value;
        return ValueTask.CompletedTask;
    }

    public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;
}
