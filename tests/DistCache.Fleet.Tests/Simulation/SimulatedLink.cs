using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;

namespace DistCache.Fleet.Tests.Simulation;

/// <summary>One node's way to the log: every call is a request that may be late or lost, and an answer that may be too.</summary>
internal sealed class SimulatedLink : IPurgeLog
{
    public const long TimeOut = 1_000_000;
    private readonly Schedule _schedule;
    private readonly SimulatedLog _log;

    public SimulatedLink(Schedule schedule, SimulatedLog log, double loss)
    {
        (_schedule, _log, Loss) = (schedule, log, loss);
        log.Bell += OnBell;
    }

    public event Action<LogEntry>? Bell;

    public bool IsLocal => false;

    public TimeSpan? TakeOverTime => TimeSpan.Zero;

    /// <summary>Part of the messages, each way.</summary>
    public double Loss { get; set; }

    public bool IsCut { get; set; }

    /// <summary>The process is gone: nobody hears an answer.</summary>
    public bool IsDead { get; set; }

    /// <summary>The process is stopped until then: answers wait for it.</summary>
    public long StoppedUntil { get; set; }

    public Task<LogEntry?> AppendAsync(PurgeRecord record, long after, CancellationToken cancel) => Call(() => _log.AppendAsync(record, after, cancel), null);

    public Task<BeatAnswer?> BeatAsync(Beat beat, CancellationToken cancel) => Call(() => _log.BeatAsync(beat, cancel), null);

    public Task<MembersAnswer?> MembersAsync(CancellationToken cancel) => Call(() => _log.MembersAsync(cancel), null);

    public Task<IReadOnlyList<LogEntry>?> ReadBackAsync(long before, int most, CancellationToken cancel) => Call(() => _log.ReadBackAsync(before, most, cancel), null);

    public Task<bool> PutBackAsync(Cursor tail, IReadOnlyList<LogEntry> lost, CancellationToken cancel) => Call(() => _log.PutBackAsync(tail, lost, cancel), false);

    public Task TrimAsync(long below, CancellationToken cancel) => _log.TrimAsync(below, cancel);

    public Task<bool?> ForgetAsync(MemberRow member, CancellationToken cancel) => Call(() => _log.ForgetAsync(member, cancel), null);

    public Task RemoveAsync(IReadOnlyList<MemberRow> members, CancellationToken cancel) => _log.RemoveAsync(members, cancel);

    public ValueTask DisposeAsync() => default;

    public void Leave() => _log.Bell -= OnBell;

    private Task<T> Call<T>(Func<Task<T>> operation, T none)
    {
        var answer = new TaskCompletionSource<T>();
        _schedule.In(TimeOut, () => Arrive(() => answer.TrySetResult(none)));
        if (!IsCut && !_schedule.Chance(Loss))
            _schedule.In(Delay(), () =>
            {
                // Sent before the cut, it may still arrive; and a dead process' last words too.
                var result = operation().Result;
                if (!IsCut && !_schedule.Chance(Loss))
                    _schedule.In(Delay(), () => Arrive(() => answer.TrySetResult(result)));
            });
        return answer.Task;
    }

    private void Arrive(Action action)
    {
        if (IsDead)
            return;
        if (StoppedUntil > _schedule.Now)
            _schedule.In(StoppedUntil - _schedule.Now, () => Arrive(action));
        else
            action();
    }

    private void OnBell(LogEntry entry)
    {
        if (!IsCut && !_schedule.Chance(0.2))
            _schedule.In(Delay(), () => Arrive(() => Bell?.Invoke(entry)));
    }

    // Mostly a few milliseconds; now and then longer than any lease.
    private long Delay() => _schedule.Chance(0.01) ? _schedule.Between(100_000, 8_000_000) : _schedule.Between(500, 20_000);
}
