using DistCache.Edge.Admin.Access;
using DistCache.Edge.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Edge.Admin;

/// <summary><c>GET /metrics</c>: all metrics in Prometheus' text, from the first scrape on with times.</summary>
internal static class MetricsEndpoint
{
    public const string Path = "/metrics";

    public static void MapMetrics(this WebApplication app, Exporters exporters)
    {
        // Built at the first scrape, as what it reads is.
        var scrape = new Lazy<RequestDelegate>(() =>
            ((IApplicationBuilder)app).New().UseOpenTelemetryPrometheusScrapingEndpoint(exporters.Prometheus, predicate: null, Path, configureBranchedPipeline: null, optionsName: null).Build());
        app.MapGet(Path, app.Services.GetRequiredService<AccessGate>().Before(Scope.Read, context =>
        {
            context.SetEndpoint(null); // the exporter branches by path, and only where no endpoint has been chosen
            return scrape.Value(context);
        }));
    }
}
