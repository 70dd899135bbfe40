using DistCache.Fleet;
using DistCache.Fleet.Logs;
using DistCache.Storage.Purging;

namespace DistCache.Proxy.Purging;

/// <summary>
/// What writes have made invalid, on its way to the log: many selectors in one record, and never more than <see cref="MostRecords"/> a second, so
/// that a flood of POSTs is no flood of purges (L8). What the log does not take is kept (<see cref="WaitingSelectors"/>) and sent again.
/// </summary>
public sealed class WriteQueue
{
    public const int MostRecords = 10;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.0 / MostRecords);

    private readonly PurgeIndex _purges;
    private readonly FleetNode _fleet;
    private readonly TimeProvider _time;
    private readonly PathRules _rules;
    private readonly Lock _gate = new();
    private readonly WaitingSelectors _waiting = new();
    private readonly TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PurgeRecord? _unsent;
    private long _waitingBeyond = long.MaxValue;
    private long _unsentBeyond = long.MaxValue;
    private Task _running = Task.CompletedTask;
    private bool _isRunning;

    public WriteQueue(PurgeIndex purges, FleetNode fleet, TimeProvider time)
        : this(purges, fleet, time, PathRules.All)
    {
    }

    internal WriteQueue(PurgeIndex purges, FleetNode fleet, TimeProvider time, PathRules rules) =>
        (_purges, _fleet, _time, _rules) = (purges, fleet, time, rules);

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
        lock (_gate)
        {
            _waitingBeyond = Math.Min(_waitingBeyond, _purges.Version);
            Tell();
            var position = _rules.LocalBeforeAnswer ? _purges.Apply(selectors, PurgeMode.Hard, _time.GetTimestamp()) : _purges.Version;
            _waiting.Add(selectors);
            if (!_isRunning)
                (_isRunning, _running) = (true, RunAsync());
            return position;
        }
    }

    /// <summary>The node stops: what waits is sent without a pause between records, until <paramref name="cancel"/>.</summary>
    /// <returns>What the log is not known to have taken.</returns>
    public async Task<IReadOnlyList<PurgeSelector>> FlushAsync(CancellationToken cancel)
    {
        _hurry.TrySetResult();
        Task running;
        lock (_gate)
            running = _running;
        try
        {
            await running.WaitAsync(cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // What is left is told to people at least.
        }
        lock (_gate)
            return [.. _unsent?.Selectors ?? [], .. _waiting.All];
    }

    private async Task RunAsync()
    {
        await Task.Yield(); // not in front of the write's answer
        while (Next() is { } record)
        {
            // With the same id, until the log has it.
            var isTaken = await TryAppendAsync(record);
            if (isTaken)
                Sent();
            await (isTaken ? Task.WhenAny(Task.Delay(Pause, _time), _hurry.Task) : Task.Delay(Pause, _time));
        }
    }

    /// <summary>Null: there is nothing to send any more.</summary>
    private PurgeRecord? Next()
    {
        lock (_gate)
        {
            if (_unsent is not null)
                return _unsent;
            if (_waiting.Count == 0)
            {
                (_waitingBeyond, _isRunning) = (long.MaxValue, false);
                Tell();
                return null;
            }
            var selectors = _waiting.Take(_rules.WritesShareRecords ? WaitingSelectors.MostInRecord : 1);
            (_unsentBeyond, _waitingBeyond) = (_waitingBeyond, _waiting.Count == 0 ? long.MaxValue : _waitingBeyond);
            return _unsent = new(PurgeRecord.NewId(), selectors, PurgeMode.Hard, By: "");
        }
    }

    private void Sent()
    {
        lock (_gate)
        {
            (_unsent, _unsentBeyond) = (null, long.MaxValue);
            Tell();
        }
    }

    private async Task<bool> TryAppendAsync(PurgeRecord record)
    {
        try
        {
            return await _fleet.AppendAsync(record, CancellationToken.None) is not null;
        }
        catch (Exception)
        {
            return false; // Whatever it is: it is sent again, for without it nobody would ever be told of a write any more.
        }
    }

    private void Tell() => _fleet.IsToldUpTo(Math.Min(_waitingBeyond, _unsentBeyond));
}
