using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Runtime.CompilerServices;
using DistCache.Geo.Databases;
using DistCache.Proxy.Telemetry;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Geo;

/// <summary>Requests by country, and how the databases stand. Without a database nothing is counted, and nothing is looked up for it.</summary>
internal sealed class GeoMeter
{
    private readonly ConcurrentDictionary<string, StrongBox<long>> _requests = new(StringComparer.Ordinal);
    private readonly ClientPlaces _places;

    public GeoMeter(ClientPlaces places, EdgeMeter meter)
    {
        _places = places;
        meter.Meter.CreateObservableCounter("distcache.geo.requests", Requests, "{request}", "Requests by the client's country; private and unknown are those that no database knows.");
        meter.Meter.CreateObservableGauge("distcache.geo.database.last_load_successful", () => Each(state => state.IsGood ? 1 : 0), description: "0: the file as it is now was not taken; the last good database is in force.");
        meter.Meter.CreateObservableGauge("distcache.geo.database.build_timestamp", () => Each(state => state.BuiltAt?.ToUnixTimeSeconds() ?? 0), "s", "When the database in force was made; 0: none is.");
        meter.Meter.CreateObservableCounter("distcache.geo.database.loads", Loads, "{load}", "Database files that were looked through.");
        meter.Meter.CreateObservableCounter("distcache.geo.database.failures", () => _places.Databases.Select(each => new Measurement<long>(each.Database.Failures, Label("database", each.Name))), "{lookup}", "Look-ups that met a value which could not be read.");
    }

    public bool IsOn => !_places.Lookup.IsEmpty;

    public void Count(HttpContext context)
    {
        if (IsOn)
            Add(_places.Of(context).Name);
    }

    /// <summary>A hit that never was a request of the pipeline.</summary>
    /// <param name="last">Of the connection's last one; kept there.</param>
    public void Count(EndPoint? peer, ref ClientPlace? last)
    {
        if (!IsOn)
            return;
        last = _places.Of(peer, last);
        Add(last.Name);
    }

    private void Add(string country) => Interlocked.Increment(ref _requests.GetOrAdd(country, static _ => new()).Value);

    private IEnumerable<Measurement<long>> Requests() => _requests.Select(pair => new Measurement<long>(Volatile.Read(ref pair.Value.Value), Label("country", pair.Key)));

    private IEnumerable<Measurement<long>> Each(Func<DatabaseState, long> value) => _places.Databases.Select(each => new Measurement<long>(value(each.Database.State), Label("database", each.Name)));

    private IEnumerable<Measurement<long>> Loads()
    {
        foreach (var (name, database) in _places.Databases)
        {
            yield return new(database.State.Taken, Label("database", name), Label("result", "taken"));
            yield return new(database.State.Refused, Label("database", name), Label("result", "refused"));
        }
    }

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
