using System.Diagnostics.Metrics;
using DistCache.Storage.Shared;

namespace DistCache.Proxy.Telemetry;

/// <summary>The shared tier's metrics: what was asked of it and what came of it, how long it took, what waits to be written.</summary>
internal static class SharedInstruments
{
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    };

    public static void AddTo(Meter meter, SharedTier shared)
    {
        meter.CreateObservableCounter("distcache.shared.operations", () => Operations(shared),
            "{operation}", "What was asked of the shared tier (find, read_chunk, write, lease), by what came of it; rejected: copies that were not what they should be, by reason.");
        meter.CreateObservableGauge("distcache.shared.available", () => shared.IsAvailable ? 1 : 0, description: "0: the shared tier is not asked; it does not answer, or the purge log is not known yet.");
        meter.CreateObservableGauge("distcache.shared.writes.pending", () => shared.Writer.Pending, "{response}", "Responses that wait to be written to the shared tier.");
        meter.CreateObservableGauge("distcache.shared.writes.pending_size", () => shared.Writer.PendingBytes, "By", "Bytes of their bodies.");
        var duration = meter.CreateHistogram("distcache.shared.duration", "s", "Time that an operation of the shared tier took, or was given.", advice: Seconds);
        shared.Counts.Timed = (operation, took) =>
        {
            if (duration.Enabled)
                duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("op", operation));
        };
    }

    private static IEnumerable<Measurement<long>> Operations(SharedTier shared) =>
        shared.Counts.All.Select(count => new Measurement<long>(count.Count, new("op", count.Operation), new("result", count.Result)));
}
