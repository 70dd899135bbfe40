using DistCache.Edge.Certificates;
using DistCache.Edge.Memory;
using DistCache.Proxy;
using DistCache.Proxy.Configuration;
using DistCache.Storage.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DistCache.Edge.Configuration;

/// <summary>
/// Takes changed files into force while the node runs, as a whole or not at all: routes, clusters, policies, purge networks, memory, which
/// certificate is whose, and log levels of one reading. What cannot be used leaves the last good configuration in force and is told, every error with its file and key.
/// <para>
/// Files are read every half second. New content counts when two reads in a row agree, so that half a file is never taken for a whole one.
/// </para>
/// </summary>
internal sealed class ConfigurationReload : IAsyncDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly ConfigurationSources _sources;
    private readonly ResolvedConfiguration _resolved;
    private readonly StartOptions _start;
    private readonly CertificateStore _certificates;
    private readonly ProxyConfiguration _proxy;
    private readonly IServiceProvider _services;
    private readonly ConfigurationHealth _health;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _one = new(1);
    private FileContents _inForce;
    private FileContents? _judged;
    private FileContents? _seen;
    private ITimer? _timer;
    private int _looking;
    private long _capacity;

    public ConfigurationReload(
        ConfigurationSources sources, FileContents inForce, ResolvedConfiguration resolved, StartOptions start, CertificateStore certificates,
        ProxyConfiguration proxy, IServiceProvider services, ConfigurationHealth health, ILogger logger, TimeProvider time)
    {
        (_sources, _inForce, _judged, _resolved, _start, _certificates) = (sources, inForce, inForce, resolved, start, certificates);
        _capacity = start.Memory.Capacity;
        (_proxy, _services, _health, _logger, _time) = (proxy, services, health, logger, time);
    }

    /// <summary>From here on changed files are taken by themselves.</summary>
    public void Follow() => _timer ??= _time.CreateTimer(_ => _ = LookAsync(), null, Interval, Interval);

    /// <summary>Reads everything now, as SIGHUP asks. Returns the errors; empty: it is in force.</summary>
    public async Task<IReadOnlyList<string>> ReloadAsync()
    {
        await _one.WaitAsync();
        try
        {
            var errors = Read() is { } files ? await JudgeAsync(files) : _health.Errors;
            _certificates.Look(atOnce: true);
            return errors;
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
            await _timer.DisposeAsync();
        await _one.WaitAsync();
    }

    internal async Task LookAsync()
    {
        if (Interlocked.Exchange(ref _looking, 1) == 1)
            return;
        try
        {
            await _one.WaitAsync();
            try
            {
                if (Read() is not { } files)
                    return;
                var settled = _seen is not null && files.IsSameAs(_seen);
                _seen = files;
                if (settled && (_judged is null || !files.IsSameAs(_judged)))
                    await JudgeAsync(files);
            }
            finally
            {
                _one.Release();
            }
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    /// <summary>Null: not even that could be done, and it is told.</summary>
    private FileContents? Read()
    {
        try
        {
            return _sources.ReadFiles();
        }
        catch (Exception e)
        {
            // Told once, and looked at again as soon as it can be, whatever stands there then.
            if (_judged is not null)
                Reject(e);
            _judged = null;
            return null;
        }
    }

    /// <summary>Whatever a file or a library came up with: the last good configuration stays, and that is told as any other error is.</summary>
    private async Task<IReadOnlyList<string>> JudgeAsync(FileContents files)
    {
        _judged = files;
        try
        {
            return await TryAsync(files);
        }
        catch (Exception e)
        {
            return Reject(e);
        }
    }

    private async Task<IReadOnlyList<string>> TryAsync(FileContents files)
    {
        var configuration = _sources.Read(files);
        var start = StartOptions.Read(configuration);
        var certificates = _certificates.Prepare(start.Endpoints, configuration.Settings);
        var resolved = _resolved.Resolve(configuration.Root, start.Memory);
        var errors = configuration.Complaints.Select(complaint => complaint.ToString()).ToList();
        errors.AddRange(UnknownKeys.Of(configuration.Merged));

        // A file that could not be read takes its routes with it: what is then said of the rest would mislead.
        if (errors.Count == 0)
            errors.AddRange(await _proxy.TryApplyAsync(resolved, _services));
        if (errors.Count > 0)
            return Reject([.. errors.Select(configuration.WithFile)]);

        _resolved.Take(resolved, start.Memory);
        Take(start.Memory);
        _certificates.Take(certificates);
        if (files.IsSameAs(_inForce))
            _health.Restore();
        else
            _health.Take();
        _inForce = files;
        Log.Reloaded(_logger, _proxy.Current.Routes.Count, _proxy.Current.Policies.Names.Count());
        foreach (var section in _start.Differences(start))
            Log.WaitsForRestart(_logger, section);
        return [];
    }

    private void Take(MemoryOptions memory)
    {
        _services.GetRequiredService<EdgeLimits>().MaxObjectSize = memory.MaxObjectSize;
        if (memory.Capacity == _capacity)
            return;
        _capacity = memory.Capacity;
        _ = _services.GetRequiredService<MemoryTier>().ResizeAsync(memory.Capacity); // in steps; nobody waits for the last one
    }

    private IReadOnlyList<string> Reject(Exception e)
    {
        Log.ReloadFailed(_logger, e);
        // No more of it than its kind: a text of somebody else's may quote a secret.
        return Reject([$"The configuration could not be looked at ({e.GetType().Name}). The log says where; put it right, and send SIGHUP."]);
    }

    private IReadOnlyList<string> Reject(IReadOnlyList<string> errors)
    {
        _health.Reject(errors);
        foreach (var error in errors)
            Log.BadReload(_logger, error);
        return errors;
    }
}
