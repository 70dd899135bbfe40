using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;

namespace DistCache.Edge;

/// <summary>
/// Tells systemd where this process is (<c>Type=notify</c> or <c>notify-reload</c>), and feeds its watchdog when the unit has one. Without
/// <c>NOTIFY_SOCKET</c> nothing is done.
/// </summary>
internal sealed class SystemdService : IDisposable
{
    private readonly SystemdNotifier _notifier = new();
    private readonly TimeProvider _time;
    private readonly ITimer? _watchdog;

    public SystemdService(TimeProvider time)
    {
        _time = time;
        if (_notifier.IsEnabled && long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0)
            _watchdog = time.CreateTimer(_ => _notifier.Notify(new("WATCHDOG=1")), null, TimeSpan.Zero, TimeSpan.FromMicroseconds(microseconds / 2.0));
    }

    public void Ready() => _notifier.Notify(ServiceState.Ready);

    /// <summary>To be followed by <see cref="Ready"/>.</summary>
    public void Reloading()
    {
        // systemd compares with CLOCK_MONOTONIC, which is what the timestamp is on Linux.
        var monotonic = (long)(_time.GetTimestamp() * (1e6 / _time.TimestampFrequency));
        _notifier.Notify(new(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={monotonic}")));
    }

    public void Stopping() => _notifier.Notify(ServiceState.Stopping);

    public void Dispose() => _watchdog?.Dispose();
}
