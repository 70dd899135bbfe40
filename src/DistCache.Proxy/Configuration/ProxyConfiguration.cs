using DistCache.Proxy.Purging;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Configuration;

namespace DistCache.Proxy.Configuration;

/// <summary>
/// The snapshot in force, given to YARP and replaced while the node runs. A new one is looked through wholly before anything of it counts:
/// it is taken as a whole or not at all. Calls of <see cref="TryApplyAsync"/> must not overlap.
/// </summary>
public sealed class ProxyConfiguration : IProxyConfigProvider, IConfigChangeListener
{
    private readonly PurgeNetworks _networks;
    private IReadOnlyList<string> _startErrors;
    private ProxySnapshot _current;
    private ProxySnapshot _inForce;
    private int _revision;
    private bool _isFollowed;
    private TaskCompletionSource<Exception?>? _applying;

    /// <summary>Another snapshot is wholly in force. On the thread that took it.</summary>
    internal event Action<ProxySnapshot>? Taken;

    internal ProxyConfiguration(IConfiguration configuration, PurgeNetworks networks)
    {
        var errors = new List<string>();
        _current = ProxySnapshotReader.Read(configuration, errors);
        (_startErrors, _networks, _inForce) = (errors, networks, _current);
        _networks.Replace(_current.PurgeNetworks);
    }

    /// <summary>What new requests are answered by.</summary>
    public ProxySnapshot Current => Volatile.Read(ref _current);

    /// <summary>Changes when another snapshot is wholly in force: what was learnt of a request that began under the one before is worth nothing then.</summary>
    internal int Revision => Volatile.Read(ref _revision);

    /// <summary><see cref="ProxySnapshot.RoutesByUrlAlone"/>, of the snapshot that routes requests now and, while that is being replaced, of the next one too.</summary>
    internal bool RoutesByUrlAlone => Current.RoutesByUrlAlone && Volatile.Read(ref _inForce).RoutesByUrlAlone;

    /// <summary><see cref="ProxySnapshot.RoutesHeadAsGet"/>, of the same two.</summary>
    internal bool RoutesHeadAsGet => Current.RoutesHeadAsGet && Volatile.Read(ref _inForce).RoutesHeadAsGet;

    IProxyConfig IProxyConfigProvider.GetConfig()
    {
        _isFollowed = true;
        return Current;
    }

    /// <summary>All errors of <paramref name="configuration"/>, each with its key first; empty: it may be applied.</summary>
    public static async Task<IReadOnlyList<string>> CheckAsync(IConfiguration configuration, IServiceProvider services) =>
        (await ReadAsync(configuration, services)).Errors;

    /// <summary>Takes it into force for all requests that begin from now on. Errors, each with its key first: nothing has changed.</summary>
    public async Task<IReadOnlyList<string>> TryApplyAsync(IConfiguration configuration, IServiceProvider services)
    {
        var (next, errors) = await ReadAsync(configuration, services);
        if (errors.Count > 0)
            return errors;
        var last = Current;
        if (await ReplaceAsync(next) is not { } failure)
        {
            _networks.Replace(next.PurgeNetworks);
            Taken?.Invoke(next);
            return [];
        }
        await ReplaceAsync(new() { Routes = last.Routes, Clusters = last.Clusters, Policies = last.Policies, PurgeNetworks = last.PurgeNetworks, Geo = last.Geo, Secret = last.Secret });
        return [$"ReverseProxy: {failure.Message.ReplaceLineEndings(" ")} Correct it as YARP documents it."];
    }

    /// <summary>At start: throws with one line for each error.</summary>
    internal void ThrowIfUnusable(IServiceProvider services)
    {
        var yarps = services.GetRequiredService<ProxyValidation>().ErrorsAsync(Current).GetAwaiter().GetResult();
        if (_startErrors.Count + yarps.Count > 0)
            throw new InvalidOperationException(string.Join(Environment.NewLine, [.. _startErrors, .. yarps]));
        _startErrors = [];
    }

    private static async Task<(ProxySnapshot Snapshot, IReadOnlyList<string> Errors)> ReadAsync(IConfiguration configuration, IServiceProvider services)
    {
        var errors = new List<string>();
        var snapshot = ProxySnapshotReader.Read(configuration, errors);
        errors.AddRange(await services.GetRequiredService<ProxyValidation>().ErrorsAsync(snapshot));
        return (snapshot, errors);
    }

    /// <summary>YARP hears of it by the old one's token and says when it has taken it over. Null: it has.</summary>
    private async Task<Exception?> ReplaceAsync(ProxySnapshot next)
    {
        _applying = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var last = Interlocked.Exchange(ref _current, next);
        if (!_isFollowed)
        {
            Volatile.Write(ref _inForce, next);
            return null;
        }
        last.Retire();
        var failure = await _applying.Task;
        Interlocked.Increment(ref _revision);
        if (failure is null)
            Volatile.Write(ref _inForce, next);
        return failure;
    }

    void IConfigChangeListener.ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception) => _applying?.TrySetResult(exception);

    void IConfigChangeListener.ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
    }

    void IConfigChangeListener.ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception) => Ended(proxyConfigs, exception);

    void IConfigChangeListener.ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs) => Ended(proxyConfigs, null);

    private void Ended(IReadOnlyList<IProxyConfig> configurations, Exception? failure)
    {
        if (configurations.Contains(Current))
            _applying?.TrySetResult(failure);
    }
}
