using System.Collections.Frozen;
using DistCache.Proxy.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace DistCache.Edge.Telemetry;

/// <summary>
/// Hands metrics and traces out by OpenTelemetry. Prometheus is served from the first scrape on: until then nobody listens, and a hit is
/// not timed. OTLP is pushed from the start when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> (or the one of metrics or traces alone) is set; its
/// other variables, the sampler's too, count as OpenTelemetry has them.
/// </summary>
internal sealed class Exporters : IDisposable
{
    /// <summary>
    /// Series of one instrument where they grow with the configuration: OpenTelemetry's own bound of 2,000 would fold the 100th route into "overflow". Each takes
    /// about 100 bytes from the start, whether it is there or not, so all other instruments keep to that bound.
    /// </summary>
    private static readonly FrozenDictionary<string, int> MostSeries = new Dictionary<string, int>
    {
        ["distcache.requests"] = 50_000, // routes, outcomes, status classes
        ["distcache.response"] = 50_000,
        ["distcache.origin.requests"] = 20_000, // clusters, status classes
        ["distcache.origin.errors"] = 20_000,
    }.ToFrozenDictionary();

    // Kestrel's own, connections to origins, the runtime. Not ASP.NET's request metrics: ours say more, and theirs cost every hit.
    private static readonly string[] Meters = [EdgeMeter.Name, "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];

    private readonly Action<ResourceBuilder> _resource;
    private readonly Lazy<MeterProvider> _prometheus;
    private readonly MeterProvider? _pushed;
    private readonly TracerProvider? _traces;

    /// <param name="node">The node's id: <c>service.instance.id</c>.</param>
    public Exporters(string node, string region, string version)
    {
        _resource = resource => resource
            .AddService("distcache-edge", serviceVersion: version, serviceInstanceId: node)
            .AddAttributes([new("distcache.region", region)])
            .AddEnvironmentVariableDetector();
        _prometheus = new(() => Build(metrics => metrics.AddPrometheusExporter(prometheus => prometheus.ScrapeResponseCacheDurationMilliseconds = 0)));
        if (IsSet("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"))
            _pushed = Build(metrics => metrics.AddOtlpExporter());
        if (IsSet("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))
            _traces = Sdk.CreateTracerProviderBuilder().ConfigureResource(_resource).AddSource(EdgeMeter.Name).AddOtlpExporter().Build();
    }

    /// <summary>Builds it on first use.</summary>
    public MeterProvider Prometheus => _prometheus.Value;

    public void Dispose()
    {
        if (_prometheus.IsValueCreated)
            _prometheus.Value.Dispose();
        _pushed?.Dispose();
        _traces?.Dispose();
    }

    private MeterProvider Build(Action<MeterProviderBuilder> exporter)
    {
        var metrics = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(_resource)
            .AddMeter(Meters)
            .AddView(static instrument => instrument.Meter.Name == EdgeMeter.Name && MostSeries.TryGetValue(instrument.Name, out var most) ? new() { CardinalityLimit = most } : null);
        exporter(metrics);
        return metrics.Build();
    }

    private static bool IsSet(params ReadOnlySpan<string> variables)
    {
        foreach (var variable in variables)
            if (!string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(variable)))
                return true;
        return false;
    }
}
