using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;

namespace DistCache.Proxy.Tests.Hops.Kit;

/// <summary>One node's way to the purge log that all share. The test can take the bell away, or everything.</summary>
internal sealed class LogWay(MemoryPurgeLog log) : IPurgeLog
{
    private int _beats;
    private int _held;

    /// <summary>New entries are not told; the log can be read.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>Nothing comes through, and nothing is told.</summary>
    public bool IsCut { get; set; }

    /// <summary>Awaited when the log has answered a beat, before the node hears it.</summary>
    public Func<Task> Answers { get; set; } = static () => Task.CompletedTask;

    /// <summary>A beat has reached the log, and its answer has not come.</summary>
    public bool IsHeld => Volatile.Read(ref _held) > 0;

    /// <summary>Beats that were answered, or refused.</summary>
    public int Beats => Volatile.Read(ref _beats);

    public bool IsLocal => false;

    public TimeSpan? TakeOverTime => TimeSpan.Zero;

    public event Action<LogEntry>? Bell
    {
        add => log.Bell += entry => Ring(entry, value);
        remove { }
    }

    public Task<LogEntry?> AppendAsync(PurgeRecord record, long after, CancellationToken cancel) =>
        IsCut ? Task.FromResult<LogEntry?>(null) : log.AppendAsync(record, after, cancel);

    public async Task<BeatAnswer?> BeatAsync(Beat beat, CancellationToken cancel)
    {
        var answer = IsCut ? null : await log.BeatAsync(beat, cancel);
        Interlocked.Increment(ref _held);
        await Answers();
        Interlocked.Decrement(ref _held);
        Interlocked.Increment(ref _beats);
        return answer;
    }

    public Task<MembersAnswer?> MembersAsync(CancellationToken cancel) => IsCut ? Task.FromResult<MembersAnswer?>(null) : log.MembersAsync(cancel);

    public Task<IReadOnlyList<LogEntry>?> ReadBackAsync(long before, int most, CancellationToken cancel) => log.ReadBackAsync(before, most, cancel);

    public Task<bool> PutBackAsync(Cursor tail, IReadOnlyList<LogEntry> lost, CancellationToken cancel) => log.PutBackAsync(tail, lost, cancel);

    public Task TrimAsync(long below, CancellationToken cancel) => log.TrimAsync(below, cancel);

    public Task<bool?> ForgetAsync(MemberRow member, CancellationToken cancel) => IsCut ? Task.FromResult<bool?>(null) : log.ForgetAsync(member, cancel);

    public Task RemoveAsync(IReadOnlyList<MemberRow> members, CancellationToken cancel) => log.RemoveAsync(members, cancel);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Ring(LogEntry entry, Action<LogEntry>? bell)
    {
        if (!IsDeaf && !IsCut)
            bell?.Invoke(entry);
    }
}
