using System.Net;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace DistCache.Proxy.Origins;

/// <summary>What a fill keeps of the request that caused it: copied, since that request's context is given to another one when it ends.</summary>
internal sealed class DetachedRequest
{
    /// <summary>Those below, and what routing and YARP add.</summary>
    private const int UsualFeatures = 16;

    private readonly string _path;
    private readonly string _query;
    private readonly int _remotePort;
    private readonly IPAddress? _localAddress;
    private readonly int _localPort;
    private readonly RouteValueDictionary _routeValues;

    public DetachedRequest(HttpContext client, Endpoint endpoint)
    {
        var request = client.Request;
        Endpoint = endpoint;
        Protocol = request.Protocol;
        Scheme = request.Scheme;
        Host = request.Host.Value ?? "";
        _path = request.Path.Value ?? "/";
        _query = request.QueryString.Value ?? "";
        Client = client.Connection.RemoteIpAddress;
        Place = RequestRecord.Of(client)?.Place;
        _remotePort = client.Connection.RemotePort;
        _localAddress = client.Connection.LocalIpAddress;
        _localPort = client.Connection.LocalPort;
        _routeValues = new(request.RouteValues);
        Headers = new HeaderDictionary(request.Headers.Count + 2);
        foreach (var (name, lines) in request.Headers)
            Headers[name] = lines;
        // Rule 44: the whole is fetched, whatever part was asked for.
        Headers.Remove("Range");
        Headers.Remove("If-Range");
    }

    public Endpoint Endpoint { get; }

    /// <summary>What is known of its exchange; shared with the requests that it answers.</summary>
    public OriginRecord Record { get; } = new();

    public IHeaderDictionary Headers { get; }

    /// <summary>GET; HEAD where the client asked for no more and a stored response only needs to be confirmed.</summary>
    public string Method { get; init; } = HttpMethods.Get;

    public string Protocol { get; }

    public string Scheme { get; }

    public string Host { get; }

    /// <summary>Without the query.</summary>
    public string Path => _path;

    /// <summary>Canonical path and query.</summary>
    public string Target => _path + _query;

    /// <summary>The other end of the client's connection.</summary>
    public IPAddress? Client { get; }

    /// <summary>Null: nobody has asked where the client is.</summary>
    public ClientPlace? Place { get; }

    /// <summary>Absolute target URI.</summary>
    public string TargetUri => $"{Scheme}://{Host}{_path}{_query}";

    /// <summary>For logs: without the query, which may hold what is private.</summary>
    public string LogName => Host + _path;

    public void RemoveConditions()
    {
        Headers.Remove("If-None-Match");
        Headers.Remove("If-Modified-Since");
    }

    public HttpContext CreateContext(OriginExchange exchange)
    {
        var features = new FeatureCollection(UsualFeatures);
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Protocol = Protocol,
            Method = Method,
            Scheme = Scheme,
            Path = _path,
            QueryString = _query,
            RawTarget = Target,
            Headers = Headers,
            Body = Stream.Null,
        });
        features.Set<IHttpResponseFeature>(exchange);
        features.Set<IHttpResponseBodyFeature>(exchange);
        features.Set<IHttpRequestLifetimeFeature>(exchange);
        features.Set<IHttpRequestBodyDetectionFeature>(exchange);
        features.Set(exchange);
        features.Set(Record);
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature
        {
            RemoteIpAddress = Client,
            RemotePort = _remotePort,
            LocalIpAddress = _localAddress,
            LocalPort = _localPort,
        });
        var context = new DefaultHttpContext(features);
        context.SetEndpoint(Endpoint);
        context.Request.RouteValues = new(_routeValues);
        return context;
    }
}
