using DistCache.OutputCaching;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

#pragma warning disable IDE0130 // Where every app looks for such methods.
namespace Microsoft.Extensions.DependencyInjection;
#pragma warning restore IDE0130

/// <summary>ASP.NET Core's output caching on DistCache's tiers.</summary>
public static class DistCacheOutputCacheExtensions
{
    /// <summary>
    /// <c>[OutputCache]</c> pages lie in memory and in the shared tier, so that every instance of the app serves what one has rendered, and
    /// <see cref="IOutputCacheStore.EvictByTagAsync"/> is a purge of the whole fleet: when it returns no instance and no edge serves what
    /// carried the tag, a rendering that began before is not kept, and nobody joins it. It throws when that could not be had. The fleet's purges by
    /// URL, prefix and host reach pages too: by URL all pages of its path, whatever their case and query, for what is one page here may have many URLs.
    /// </summary>
    /// <remarks>
    /// The instances' clocks have to agree to a second or so. ASP.NET Core's middleware writes into a page when it was rendered, by the clock of the
    /// instance that rendered it, and reads that by its own: one whose clock is behind renders anew what it holds already, for as long as it is behind, and
    /// <c>Age</c> is wrong by the difference. How long pages are kept, leases and evictions do not depend on these clocks.
    /// </remarks>
    /// <param name="configuration">The settings of an edge: <c>DistCache:Shared:Redis</c> and so on; see <see cref="DistCacheOutputCacheOptions"/>.</param>
    public static IServiceCollection AddDistCacheOutputCache(this IServiceCollection services, IConfiguration configuration) =>
        services.AddDistCacheOutputCache(options => options.Read(configuration));

    /// <inheritdoc cref="AddDistCacheOutputCache(IServiceCollection, IConfiguration)"/>
    public static IServiceCollection AddDistCacheOutputCache(this IServiceCollection services, Action<DistCacheOutputCacheOptions> configure)
    {
        services.AddOptions<DistCacheOutputCacheOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DistCacheOutputCacheOptions>, OptionsCheck>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<OutputCacheNode>();
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<OutputCacheNode>());
        services.AddOutputCache();
        services.Replace(ServiceDescriptor.Singleton<IOutputCacheStore>(static provider => new OutputPageStore(provider.GetRequiredService<OutputCacheNode>())));
        services.AddOptions<OutputCacheOptions>().Configure<OutputCacheNode>(static (options, node) => options.AddBasePolicy(new AsOfPolicy(node)));
        return services;
    }

    private sealed class OptionsCheck : IValidateOptions<DistCacheOutputCacheOptions>
    {
        public ValidateOptionsResult Validate(string? name, DistCacheOutputCacheOptions options) =>
            options.Problems().ToArray() is { Length: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
    }
}
