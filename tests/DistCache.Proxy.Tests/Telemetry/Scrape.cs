using System.Diagnostics.Metrics;
using DistCache.Proxy.Telemetry;
using DistCache.Proxy.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Tests.Telemetry;

/// <summary>One reading of one edge's own metrics, as an exporter takes it.</summary>
internal sealed class Scrape
{
    private readonly List<(string Name, double Value, Dictionary<string, string> Labels)> _points = [];

    public static Scrape Of(EdgeInProcess edge)
    {
        var scrape = new Scrape();
        var meter = edge.Services.GetRequiredService<EdgeMeter>().Meter;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meter)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => scrape.Add(instrument, value, labels));
        listener.SetMeasurementEventCallback<int>((instrument, value, labels, _) => scrape.Add(instrument, value, labels));
        listener.Start();
        listener.RecordObservableInstruments();
        return scrape;
    }

    /// <summary>Sum over what has all these labels.</summary>
    public double Sum(string name, params (string Name, string Value)[] labels) =>
        _points.Where(point => point.Name == name && labels.All(label => point.Labels.GetValueOrDefault(label.Name) == label.Value)).Sum(point => point.Value);

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var read = new Dictionary<string, string>();
        foreach (var (name, label) in labels)
            read[name] = label?.ToString() ?? "";
        _points.Add((instrument.Name, value, read));
    }
}
