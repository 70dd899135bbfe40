using Microsoft.Extensions.Time.Testing;

namespace DistCache.Edge.Tests.Kit;

/// <summary>Time that jumps ahead as soon as anybody waits for it, and remembers how long each wait was.</summary>
internal sealed class ImpatientTime() : FakeTimeProvider(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero))
{
    private readonly List<TimeSpan> _waits = [];

    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (_waits)
                return [.. _waits];
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_waits)
            _waits.Add(dueTime);
        Advance(dueTime);
        return timer;
    }
}
