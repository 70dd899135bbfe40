using System.Net;
using DistCache.Geo;
using DistCache.Geo.Clients;
using DistCache.Geo.Databases;
using DistCache.Geo.Places;
using DistCache.Geo.Regions;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DistCache.Proxy.Geo;

/// <summary>Says who the client of a request is and where; owns the databases, and follows them and the configuration.</summary>
public sealed class ClientPlaces : IDisposable
{
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _one = new();
    private volatile GeoSnapshot _current = new(GeoOptions.None, GeoLookup.None);

    internal ClientPlaces(ProxyConfiguration configuration, IRegionHealth health, TimeProvider time, ILogger<ClientPlaces> logger)
    {
        (_time, _logger, Health) = (time, logger, health);
        Replace(configuration.Current);
        configuration.Taken += Replace;
    }

    /// <summary>How regions are.</summary>
    public IRegionHealth Health { get; }

    public GeoOptions Options => _current.Options;

    public GeoLookup Lookup => _current.Lookup;

    internal GeoSnapshot Current => _current;

    /// <summary>The databases that are configured, by what they are: <c>place</c>, <c>asn</c>.</summary>
    public IEnumerable<(string Name, GeoDatabase Database)> Databases
    {
        get
        {
            var lookup = _current.Lookup;
            if (lookup.PlaceDatabase is { } places)
                yield return ("place", places);
            if (lookup.SystemDatabase is { } systems)
                yield return ("asn", systems);
        }
    }

    /// <summary>What is known of an address, completed by what the configuration says of unknown ones.</summary>
    public GeoLocation Find(IPAddress address) => Find(_current, address, AddressKinds.Of(address)).Location;

    /// <summary>Found once for a request, and once for all of a connection where nothing has changed.</summary>
    internal ClientPlace Of(HttpContext context)
    {
        var record = RequestRecord.Of(context);
        return record?.Place ?? Of(context, record);
    }

    /// <summary>Of a connection on which nothing is forwarded.</summary>
    internal ClientPlace Of(EndPoint? peer, ClientPlace? last)
    {
        var current = _current;
        var address = (peer as IPEndPoint)?.Address;
        return IsStill(last, current, address) ? last! : Find(current, address);
    }

    public void Dispose()
    {
        lock (_one)
        {
            var lookup = _current.Lookup;
            _current = new(GeoOptions.None, GeoLookup.None);
            lookup.PlaceDatabase?.Dispose();
            lookup.SystemDatabase?.Dispose();
        }
    }

    private ClientPlace Of(HttpContext context, RequestRecord? record)
    {
        var current = _current;
        var address = AddressOf(context, current.Options);
        var place = IsStill(record?.LastPlace, current, address) ? record!.LastPlace! : Find(current, address);
        record?.Place = place;
        return place;
    }

    private static IPAddress? AddressOf(HttpContext context, GeoOptions options)
    {
        if (context.Connection.RemoteIpAddress is not { } peer)
            return null;
        if (options.TrustedProxies.IsEmpty)
            return peer;
        var name = options.ForwardedField is ForwardedField.Forwarded ? "Forwarded" : "X-Forwarded-For";
        return context.Request.Headers.TryGetValue(name, out var lines) ? ClientAddress.Of(peer, lines!, options.ForwardedField, options.TrustedProxies) : peer;
    }

    private static bool IsStill(ClientPlace? last, GeoSnapshot current, IPAddress? address) =>
        last is not null && last.FoundBy == current && last.Revision == current.Lookup.Revision && Equals(last.Address, address);

    private static ClientPlace Find(GeoSnapshot current, IPAddress? address)
    {
        var revision = current.Lookup.Revision;
        var (location, kind) = address is null ? (default, AddressKind.Special) : Find(current, address, AddressKinds.Of(address));
        return new(address, location, kind) { FoundBy = current, Revision = revision };
    }

    private static (GeoLocation Location, AddressKind Kind) Find(GeoSnapshot current, IPAddress address, AddressKind kind)
    {
        var location = current.Lookup.Find(address);
        if (location.Country is null && (kind is AddressKind.Private ? current.Options.Private : current.Options.Unknown) is { } assumed)
            location = location with { Country = assumed, Continent = Countries.ContinentOf(assumed), IsInEuropeanUnion = CountryGroups.EuropeanUnion.Contains(assumed) };
        return (location, kind);
    }

    private void Replace(ProxySnapshot snapshot)
    {
        lock (_one)
        {
            var (options, last) = (snapshot.Geo, _current.Lookup);
            var places = Open(options.Database, last.PlaceDatabase);
            var systems = Open(options.AsnDatabase, last.SystemDatabase);
            _current = new(options, places == last.PlaceDatabase && systems == last.SystemDatabase ? last : new(places, systems));
            if (last.PlaceDatabase != places)
                last.PlaceDatabase?.Dispose();
            if (last.SystemDatabase != systems)
                last.SystemDatabase?.Dispose();
        }
    }

    private GeoDatabase? Open(string? path, GeoDatabase? last)
    {
        if (path is null)
            return null;
        if (last?.Path == path)
            return last;
        var database = new GeoDatabase(path, _time, Tell);
        if (database.State is { Problem: { } problem })
            Log.GeoDatabaseKept(_logger, problem);
        database.Follow();
        return database;
    }

    private void Tell(DatabaseState state)
    {
        if (state.Problem is { } problem)
            Log.GeoDatabaseKept(_logger, problem);
        else
            Log.GeoDatabaseTaken(_logger, state.Path, state.Type!, state.BuiltAt!.Value);
    }
}

/// <summary>What is in force together.</summary>
internal sealed class GeoSnapshot(GeoOptions options, GeoLookup lookup)
{
    public GeoOptions Options => options;

    public GeoLookup Lookup => lookup;
}
