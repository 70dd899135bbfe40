using DistCache.Fleet;
using DistCache.Fleet.Logs;
using DistCache.Storage.Purging;

namespace DistCache.Proxy.Purging;

/// <summary>
/// What writes have made invalid, on its way to the log: many selectors in one record, and never more than <see cref="MostRecords"/> a second, so
/// that a flood of POSTs is no flood of purges (L8). What the log does not take is kept and sent again; beyond <see cref="MostSelectors"/> that
/// wait, whole hosts are named instead of their URLs, which purges too much and never too little.
/// </summary>
internal sealed class WriteQueue(PurgeIndex purges, FleetNode fleet, TimeProvider time)
{
    public const int MostRecords = 10;
    public const int MostSelectors = 10_000;
    private const int MostInRecord = 1_000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.0 / MostRecords);

    private readonly Lock _gate = new();
    private HashSet<PurgeSelector> _waiting = [];
    private long _waitingBeyond = long.MaxValue;
    private long _unsentBeyond = long.MaxValue;
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

    /// <summary>Here at once, on the other nodes as soon as the log has it; until then no stamp is taken to know of it.</summary>
    /// <returns>Its position in this node's own count.</returns>
    public long Apply(IReadOnlyCollection<PurgeSelector> selectors)
    {
        long position;
        lock (_gate)
        {
            _waitingBeyond = Math.Min(_waitingBeyond, purges.Version);
            Tell();
            position = purges.Apply(selectors, PurgeMode.Hard, time.GetTimestamp());
            _waiting.UnionWith(selectors);
            if (_waiting.Count > MostSelectors)
                _waiting = [.. _waiting.Select(HostOf)];
            if (_isRunning)
                return position;
            _isRunning = true;
        }
        _ = RunAsync();
        return position;
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
                    (_waitingBeyond, _isRunning) = (long.MaxValue, false);
                    Tell();
                    return;
                }
                if (unsent is null)
                {
                    PurgeSelector[] next = [.. _waiting.Take(MostInRecord)];
                    _waiting.ExceptWith(next);
                    (_unsentBeyond, _waitingBeyond) = (_waitingBeyond, _waiting.Count == 0 ? long.MaxValue : _waitingBeyond);
                    unsent = new(PurgeRecord.NewId(), next, PurgeMode.Hard, By: "");
                }
            }
            // With the same id, until the log has it.
            if (await TryAppendAsync(unsent))
            {
                unsent = null;
                lock (_gate)
                {
                    _unsentBeyond = long.MaxValue;
                    Tell();
                }
            }
            await Task.Delay(Pause, time);
        }
    }

    private async Task<bool> TryAppendAsync(PurgeRecord record)
    {
        try
        {
            return await fleet.AppendAsync(record, CancellationToken.None) is not null;
        }
        catch (Exception)
        {
            return false; // Whatever it is: it is sent again, for without it nobody would ever be told of a write any more.
        }
    }

    private void Tell() => fleet.IsToldUpTo(Math.Min(_waitingBeyond, _unsentBeyond));

    private static PurgeSelector HostOf(PurgeSelector selector)
    {
        if (selector.Scope is not PurgeScope.Url)
            return selector;
        var host = selector.Value.AsSpan(selector.Value.IndexOf("://", StringComparison.Ordinal) + 3);
        return new(PurgeScope.Host, host[..(host.IndexOf('/') is >= 0 and var end ? end : host.Length)].ToString());
    }
}
