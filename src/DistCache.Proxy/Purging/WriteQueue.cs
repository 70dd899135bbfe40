using DistCache.Fleet;
using DistCache.Fleet.Logs;
using DistCache.Storage.Purging;

namespace DistCache.Proxy.Purging;

/// <summary>
/// What writes have made invalid, on its way to the log: many selectors in one record, and never more than <see cref="MostRecords"/> a second, so
/// that a flood of POSTs is no flood of purges (L8). What the log does not take is kept (<see cref="WaitingSelectors"/>) and sent again.
/// </summary>
public sealed class WriteQueue(PurgeIndex purges, FleetNode fleet, TimeProvider time)
{
    public const int MostRecords = 10;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.0 / MostRecords);

    private readonly Lock _gate = new();
    private readonly WaitingSelectors _waiting = new();
    private readonly TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PurgeRecord? _unsent;
    private long _waitingBeyond = long.MaxValue;
    private long _unsentBeyond = long.MaxValue;
    private Task _running = Task.CompletedTask;
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
        lock (_gate)
        {
            _waitingBeyond = Math.Min(_waitingBeyond, purges.Version);
            Tell();
            var position = purges.Apply(selectors, PurgeMode.Hard, time.GetTimestamp());
            _waiting.Add(selectors);
            if (!_isRunning)
                (_isRunning, _running) = (true, Task.Run(RunAsync));
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
        while (Next() is { } record)
        {
            // With the same id, until the log has it.
            var isTaken = await TryAppendAsync(record);
            if (isTaken)
                Sent();
            await (isTaken ? Task.WhenAny(Task.Delay(Pause, time), _hurry.Task) : Task.Delay(Pause, time));
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
            var selectors = _waiting.Take();
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
            return await fleet.AppendAsync(record, CancellationToken.None) is not null;
        }
        catch (Exception)
        {
            return false; // Whatever it is: it is sent again, for without it nobody would ever be told of a write any more.
        }
    }

    private void Tell() => fleet.IsToldUpTo(Math.Min(_waitingBeyond, _unsentBeyond));
}
