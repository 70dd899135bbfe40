namespace DistCache.Fleet.Tests.Simulation;

/// <summary>What happens when. Nothing else moves the time, and code that awaits goes on here and nowhere else: a run is its seed's alone.</summary>
internal sealed class Schedule(int seed) : SynchronizationContext
{
    private const int MostTurns = 10_000;

    private readonly PriorityQueue<Action, (long At, long Number)> _queue = new();
    private readonly Queue<(SendOrPostCallback, object?)> _posted = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private long _number;
    private string? _strayed;

    public Random Random { get; } = new(seed);

    /// <summary>In microseconds.</summary>
    public long Now { get; private set; }

    public void In(long delay, Action action)
    {
        if (IsHere())
            _queue.Enqueue(action, (Now + delay, _number++));
    }

    public bool RunUntil(long end, Func<bool> goesOn)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            GoOn();
            for (var turn = 0; goesOn() && _queue.TryPeek(out _, out var next) && next.At <= end; turn++)
            {
                var action = _queue.Dequeue();
                turn = next.At > Now ? 0 : turn;
                if (turn >= MostTurns)
                    Assert.Fail($"something goes on and on while time stands still: {action.Target}");
                Now = Math.Max(Now, next.At);
                action();
                GoOn();
            }
            if (goesOn())
                Now = Math.Max(Now, end);
            Assert.True(Volatile.Read(ref _strayed) is null, $"something went on upon a thread of its own, and no seed could bring that back: {_strayed}");
            return goesOn();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Done after that time; where a process waits, when it may go on.</summary>
    public Task After(long delay, Process process)
    {
        var done = new TaskCompletionSource();
        In(delay, () => process.Arrive(done.SetResult));
        return done.Task;
    }

    public bool Chance(double probability) => Random.NextDouble() < probability;

    public long Between(long from, long to) => Random.NextInt64(from, to + 1);

    public override void Post(SendOrPostCallback callback, object? state)
    {
        if (IsHere())
            _posted.Enqueue((callback, state));
    }

    public override SynchronizationContext CreateCopy() => this;

    private void GoOn()
    {
        for (var turn = 0; _posted.TryDequeue(out var next); turn++)
        {
            if (turn >= MostTurns)
                Assert.Fail($"something goes on and on while time stands still: {next.Item2}");
            next.Item1(next.Item2);
        }
    }

    private bool IsHere()
    {
        if (Environment.CurrentManagedThreadId == _thread)
            return true;
        Volatile.Write(ref _strayed, Environment.StackTrace);
        return false;
    }
}

/// <summary>A machine: its monotonic clock runs a little fast or slow, its wall clock is wrong.</summary>
internal sealed record Machine(double Rate, TimeSpan Skew)
{
    public static readonly Machine Exact = new(1, TimeSpan.Zero);

    public static Machine Of(Random random) => new(1 + (0.004 * (random.NextDouble() - 0.5)), TimeSpan.FromSeconds(random.Next(-90, 91)));
}

/// <summary>One run of a program on a machine: while it is stopped nothing happens in it, its timers ring when it goes on.</summary>
internal sealed class Process(Schedule schedule, Machine machine) : TimeProvider
{
    private static readonly DateTimeOffset Epoch = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Nobody hears an answer any more.</summary>
    public bool IsDead { get; set; }

    /// <summary>As by SIGSTOP.</summary>
    public long StoppedUntil { get; set; }

    public bool IsRunning => !IsDead && StoppedUntil <= schedule.Now;

    public override long TimestampFrequency => 1_000_000;

    public override long GetTimestamp() => (long)(schedule.Now * machine.Rate);

    public override DateTimeOffset GetUtcNow() => Epoch + TimeSpan.FromMicroseconds(schedule.Now) + machine.Skew;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>What comes from outside: now, or when it goes on, or never.</summary>
    public void Arrive(Action action)
    {
        if (IsDead)
            return;
        if (StoppedUntil > schedule.Now)
            schedule.In(StoppedUntil - schedule.Now, () => Arrive(action));
        else
            action();
    }

    private sealed class Timer(Process process, TimerCallback callback, object? state) : ITimer
    {
        private int _setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Assert.Equal(Timeout.InfiniteTimeSpan, period);
            var setting = ++_setting;
            if (dueTime != Timeout.InfiniteTimeSpan)
                process.In((long)Math.Ceiling(dueTime.TotalMicroseconds), () => Ring(setting));
            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private void Ring(int setting)
        {
            if (setting == _setting)
                callback(state);
        }
    }

    private void In(long delay, Action action) => schedule.In((long)Math.Ceiling(delay / machine.Rate), () => Arrive(action));
}
