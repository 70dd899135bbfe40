using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;

namespace DistCache.Fleet.Tests.Simulation;

/// <summary>One node's way to the log: every call is a request that may be late or lost, and an answer that may be too.</summary>
internal sealed class SimulatedLink : IPurgeLog
{
    public const long TimeOut = 1_000_000;
    private readonly Schedule _schedule;
    private readonly Process _process;
    private readonly SimulatedLog _log;

    public SimulatedLink(Schedule schedule, Process process, SimulatedLog log, double loss)
    {
        (_schedule, _process, _log, Loss) = (schedule, process, log, loss);
        log.Bell += OnBell;
    }

    public event Action<LogEntry>? Bell;

    public bool IsLocal => false;

    public TimeSpan? TakeOverTime => TimeSpan.Zero;

    /// <summary>Part of the messages, each way.</summary>
    public double Loss { get; set; }

    public bool IsCut { get; set; }

    /// <summary>Of the members' rows alone.</summary>
    public long Reads { get; private set; }

    /// <summary>Part of the bells.</summary>
    public double DeafTo { get; set; } = 0.2;

    /// <summary>Mostly it takes a few milliseconds; now and then longer than any lease, but for this.</summary>
    public bool IsPrompt { get; set; }

    public Task<LogEntry?> AppendAsync(PurgeRecord record, long after, CancellationToken cancel) => Call(() => _log.AppendAsync(record, after, cancel), null);

    public Task<BeatAnswer?> BeatAsync(Beat beat, CancellationToken cancel) => Call(() => _log.BeatAsync(beat, cancel), null);

    public Task<MembersAnswer?> MembersAsync(CancellationToken cancel)
    {
        Reads++;
        return Call(() => _log.MembersAsync(cancel), null);
    }

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
        _schedule.In(TimeOut, () => _process.Arrive(() => answer.TrySetResult(none)));
        if (!IsCut && !_schedule.Chance(Loss))
            _schedule.In(NextDelay(), () =>
            {
                // Sent before the cut, it may still arrive; and a dead process' last words too.
                var result = operation().Result;
                if (!IsCut && !_schedule.Chance(Loss))
                    _schedule.In(NextDelay(), () => _process.Arrive(() => answer.TrySetResult(result)));
            });
        return answer.Task;
    }

    private void OnBell(LogEntry entry)
    {
        if (!IsCut && !_schedule.Chance(DeafTo))
            _schedule.In(NextDelay(), () => _process.Arrive(() => Bell?.Invoke(entry)));
    }

    private long NextDelay() => !IsPrompt && _schedule.Chance(0.01) ? _schedule.Between(50_000, 3_000_000) : _schedule.Between(500, 20_000);
}
