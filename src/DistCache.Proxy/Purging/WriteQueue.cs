using DistCache.Fleet;
using DistCache.Fleet.Logs;
using DistCache.Storage.Purging;

namespace DistCache.Proxy.Purging;

/// <summary>
/// What writes have made invalid, on its way to the log: many selectors in one record, and never more than <see cref="MostRecords"/> a second, so
/// that a flood of POSTs is no flood of purges (L8). What the log does not take is kept and sent again; beyond <see cref="MostSelectors"/> that
/// wait, whole hosts are named instead of their URLs, which purges too much and never too little.
/// </summary>
internal sealed class WriteQueue(FleetNode fleet, TimeProvider time)
{
    public const int MostRecords = 10;
    public const int MostSelectors = 10_000;
    private const int MostInRecord = 1_000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.0 / MostRecords);

    private readonly Lock _gate = new();
    private HashSet<PurgeSelector> _waiting = [];
    private bool _isRunning;

    /// <summary>Selectors that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    public void Add(IEnumerable<PurgeSelector> selectors)
    {
        lock (_gate)
        {
            _waiting.UnionWith(selectors);
            if (_waiting.Count > MostSelectors)
                _waiting = [.. _waiting.Select(HostOf)];
            if (_isRunning || _waiting.Count == 0)
                return;
            _isRunning = true;
        }
        _ = RunAsync();
    }

    private async Task RunAsync()
    {
        PurgeRecord? unsent = null;
        while (true)
        {
            lock (_gate)
            {
                if (unsent is null && _waiting.Count == 0)
                {
                    _isRunning = false;
                    return;
                }
                if (unsent is null)
                {
                    PurgeSelector[] next = [.. _waiting.Take(MostInRecord)];
                    _waiting.ExceptWith(next);
                    unsent = new(PurgeRecord.NewId(), next, PurgeMode.Hard, By: "");
                }
            }
            // With the same id, until the log has it.
            if (await fleet.AppendAsync(unsent, CancellationToken.None) is not null)
                unsent = null;
            await Task.Delay(Pause, time);
        }
    }

    private static PurgeSelector HostOf(PurgeSelector selector)
    {
        if (selector.Scope is not PurgeScope.Url)
            return selector;
        var host = selector.Value.AsSpan(selector.Value.IndexOf("://", StringComparison.Ordinal) + 3);
        return new(PurgeScope.Host, host[..(host.IndexOf('/') is >= 0 and var end ? end : host.Length)].ToString());
    }
}
