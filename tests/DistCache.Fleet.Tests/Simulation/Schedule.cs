namespace DistCache.Fleet.Tests.Simulation;

/// <summary>What happens when. Nothing else moves the time.</summary>
internal sealed class Schedule(int seed)
{
    private readonly PriorityQueue<Action, (long At, long Number)> _queue = new();
    private long _number;

    public Random Random { get; } = new(seed);

    /// <summary>In microseconds.</summary>
    public long Now { get; private set; }

    public void In(long delay, Action action) => _queue.Enqueue(action, (Now + delay, _number++));

    public bool RunUntil(long end, Func<bool> goesOn)
    {
        while (goesOn() && _queue.TryPeek(out _, out var next) && next.At <= end)
        {
            var action = _queue.Dequeue();
            Now = Math.Max(Now, next.At);
            action();
        }
        if (goesOn())
            Now = Math.Max(Now, end);
        return goesOn();
    }

    public bool Chance(double probability) => Random.NextDouble() < probability;

    public long Between(long from, long to) => Random.NextInt64(from, to + 1);
}

/// <summary>A machine's own clock: its monotonic one runs a little fast or slow, its wall clock is wrong.</summary>
internal sealed class MachineClock(Schedule schedule, double rate, TimeSpan skew) : TimeProvider
{
    private static readonly DateTimeOffset Epoch = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => 1_000_000;

    public override long GetTimestamp() => (long)(schedule.Now * rate);

    public override DateTimeOffset GetUtcNow() => Epoch + TimeSpan.FromMicroseconds(schedule.Now) + skew;
}
