using System.Diagnostics.Metrics;

namespace DistCache.Edge.Telemetry;

internal static class InstrumentKinds
{
    public static bool IsHistogram(this Instrument instrument) => instrument is Histogram<double> or Histogram<long>;
}
