using Microsoft.Extensions.Time.Testing;

namespace DistCache.Edge.Tests;

public sealed class StopSignalsTests
{
    [Fact]
    public void The_first_signal_asks_for_a_stop_its_echo_does_nothing_and_a_later_one_cuts_draining_short()
    {
        var time = new FakeTimeProvider();
        using var signals = new StopSignals(time);
        Assert.False(signals.Stop.IsCompleted);

        signals.Hear();
        Assert.True(signals.Stop.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(999));
        signals.Hear();
        Assert.False(signals.StopNow.IsCancellationRequested);
        time.Advance(TimeSpan.FromMilliseconds(1));
        signals.Hear();
        Assert.True(signals.StopNow.IsCancellationRequested);
    }
}
