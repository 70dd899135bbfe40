using System.Diagnostics.Metrics;
using DistCache.Edge.Certificates;
using DistCache.Edge.Node;
using DistCache.Proxy.Telemetry;

namespace DistCache.Edge.Telemetry;

/// <summary>Metrics of the process itself: what is in force, since when, in which phase it is.</summary>
internal sealed class NodeMeter : IDisposable
{
    private readonly Meter _meter = new(EdgeMeter.Name);

    public NodeMeter(NodeState state, string node, string region, string version)
    {
        _meter.CreateObservableGauge("distcache.build.info", () => new Measurement<int>(1, [new("version", version), new("runtime", Environment.Version.ToString()), new("node", node), new("region", region)]),
            description: "Always 1: versions and names as labels.");
        _meter.CreateObservableGauge("distcache.ready", () => state.Phase is NodePhase.Ready ? 1 : 0, description: "1 while the data ports take requests.");
        _meter.CreateObservableGauge("distcache.config.last_reload_successful", () => state.Configuration.IsGood ? 1 : 0, description: "0: the files as they are now were not taken over; the last good configuration is in force.");
        _meter.CreateObservableGauge("distcache.config.last_reload_success_timestamp", () => state.Configuration.LastGoodAt.ToUnixTimeMilliseconds() / 1000.0, "s", "When the configuration in force was taken.");
        _meter.CreateObservableGauge("distcache.certificate.last_reload_successful", () => Certificates(state, slot => slot.Problem is null ? 1 : 0), description: "0: the files as they are now were not taken over; the last good certificate is in force.");
        _meter.CreateObservableGauge("distcache.certificate.expiry_timestamp", () => Certificates(state, slot => slot.InForce.NotAfter.ToUnixTimeSeconds()), "s", "When the certificate in force ends.");
        _meter.CreateObservableCounter("distcache.config.reloads", () => new Measurement<long>[]
        {
            new(state.Configuration.Taken, new KeyValuePair<string, object?>("result", "taken")),
            new(state.Configuration.Rejected, new KeyValuePair<string, object?>("result", "rejected")),
        }, "{reload}", "Reloads since the start.");
    }

    private static IEnumerable<Measurement<long>> Certificates(NodeState state, Func<CertificateSlot, long> value) =>
        (state.Certificates?.Slots ?? []).Select(slot => new Measurement<long>(value(slot), new KeyValuePair<string, object?>("certificate", slot.Section)));

    public void Dispose() => _meter.Dispose();
}
