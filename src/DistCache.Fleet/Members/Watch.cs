using DistCache.Fleet.Logs;

namespace DistCache.Fleet.Members;

/// <summary>
/// Reads the members' rows again and again while somebody waits for a purge: one watch for all who wait (rule 23). The reads overlap, for a
/// report is to be seen a one-way trip after it was written, not a round trip.
/// </summary>
internal sealed class Watch(IPurgeLog log, TimeProvider time, Action<MembersAnswer, long, long> observe, ProtocolRules rules)
{
    private const int MostUnderWay = 8;
    private static readonly TimeSpan OneCall = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Pulse _pulse = new();
    private int _waiting;
    private int _underWay;
    private bool _isRunning;

    /// <summary>Done when something new was read.</summary>
    public Task Next => _pulse.Next;

    public void Beat() => _pulse.Set();

    public IDisposable Begin()
    {
        lock (_gate)
        {
            _waiting++;
            if (!_isRunning || !rules.OneWatchForAll)
            {
                _isRunning = true;
                _ = RunAsync();
            }
        }
        return new Waiter(this);
    }

    private async Task RunAsync()
    {
        var startedAt = time.GetTimestamp();
        while (true)
        {
            lock (_gate)
            {
                if (_waiting == 0)
                {
                    _isRunning = false;
                    return;
                }
            }
            if (Volatile.Read(ref _underWay) < MostUnderWay)
                _ = ReadAsync();
            await Task.Delay(PauseAfter(time.GetElapsedTime(startedAt)), time);
        }
    }

    // A healthy fleet is done within a few hundred milliseconds; who is silent is waited for with less zeal.
    private static TimeSpan PauseAfter(TimeSpan waited) => TimeSpan.FromMilliseconds(waited.TotalSeconds switch { < 0.5 => 10, < 2 => 50, _ => 200 });

    private async Task ReadAsync()
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            using var limit = new CancellationTokenSource(OneCall, time);
            var startedAt = time.GetTimestamp();
            if (await log.MembersAsync(limit.Token) is { } members)
                observe(members, startedAt, time.GetTimestamp());
        }
        catch (OperationCanceledException)
        {
            // The next one is under way already.
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private sealed class Waiter(Watch watch) : IDisposable
    {
        public void Dispose()
        {
            lock (watch._gate)
                watch._waiting--;
        }
    }
}
