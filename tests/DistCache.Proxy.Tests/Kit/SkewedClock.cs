using Microsoft.Extensions.Time.Testing;

namespace DistCache.Proxy.Tests.Kit;

/// <summary>A clock that the test moves, and a wall clock that may be set wrong beside it: timestamps and timers do not follow that.</summary>
internal sealed class SkewedClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    public TimeSpan Skew { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Skew;

    public override long GetTimestamp() => base.GetUtcNow().UtcTicks;
}
