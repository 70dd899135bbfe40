using DistCache.TestKit;

namespace DistCache.Scenarios.Faults;

/// <summary>The most resident memory of a process while this is running, looked at every 20 ms.</summary>
internal sealed class PeakMemory : IDisposable
{
    private readonly Timer _timer;
    private long _peak;

    public PeakMemory(ChildProcess process) =>
        _timer = new Timer(_ => _peak = Math.Max(_peak, process.ResidentBytes), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(20));

    public long Stop()
    {
        _timer.Dispose();
        return _peak;
    }

    public void Dispose() => _timer.Dispose();
}
