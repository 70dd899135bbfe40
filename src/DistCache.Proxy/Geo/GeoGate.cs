using System.Text.Json;
using DistCache.Geo.Regions;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Keys;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Telemetry;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Geo;

/// <summary>What a client's place means for its request.</summary>
internal enum GeoDecision
{
    Pass,
    Block,
    Steer,
}

/// <summary>
/// Around the choice of the route. Before it: what a client says of its own place is removed, and where routes are chosen by place, ours is set. After it: may it
/// have this, is another region nearer, what does the key hold, and what does the origin learn. A route that asks for none of this costs a look at its metadata.
/// </summary>
internal sealed class GeoGate(ClientPlaces places, ProxyConfiguration configuration, OwnAnswers own, NodeIdentity node)
{
    /// <summary>On the data port: the regions in order for whoever asks.</summary>
    public const string NearestPath = "/.well-known/distcache/nearest";

    internal const string Blocked = "geo-blocked";
    internal const string Steered = "steered";

    public Task BeforeRouting(HttpContext context, RequestDelegate next)
    {
        Prepare(context);
        return !places.Options.Regions.IsEmpty && context.Request.Path.Value == NearestPath && HttpMethods.IsGet(context.Request.Method) ? TellNearestAsync(context) : next(context);
    }

    public Task AfterRouting(HttpContext context, RequestDelegate next) => Look(context, out var rules, out var to) switch
    {
        GeoDecision.Block => own.SendAsync(context, rules!.Status, new() { Detail = Blocked }, ProxyStatus.RequestDenied, "This is not available where you are."),
        GeoDecision.Steer => SendThere(context, to!),
        _ => next(context),
    };

    /// <summary>The part of <see cref="BeforeRouting"/> that answers nothing.</summary>
    public void Prepare(HttpContext context)
    {
        var options = places.Options;
        var request = context.Request;
        options.Fields.Strip(request.Headers);
        if (!options.Regions.IsEmpty && SteerMark.TakeFrom(request))
            RequestRecord.Of(context)?.WasSteered = true;
        if (configuration.Current.RoutesByPlace)
            options.Fields.SetAll(request.Headers, places.Of(context));
    }

    /// <summary>The part of <see cref="AfterRouting"/> that answers nothing; prepares key and fields for who passes.</summary>
    public GeoDecision Look(HttpContext context, out GeoRules? rules, out Region? to)
    {
        (rules, to) = (null, null);
        if (context.GetEndpoint() is not { } endpoint || EdgeCache.RouteOf(context) is not { } route)
            return GeoDecision.Pass;
        rules = endpoint.Metadata.GetMetadata<GeoRules>();
        var options = places.Options;
        // Who may purge is said elsewhere; and a node has asked these rules of its client itself.
        if (rules is not null && context.Request.Method != "PURGE" && RequestRecord.Of(context) is not { Hop: not null })
        {
            if (!rules.Allows(places.Of(context), options.Groups))
                return GeoDecision.Block;
            if (rules.Steers && MaySteer(context) && Elsewhere(context, options) is { } region)
            {
                to = region;
                return GeoDecision.Steer;
            }
        }
        Tell(context, EdgeCache.PolicyOf(route), options);
        return GeoDecision.Pass;
    }

    private static bool MaySteer(HttpContext context) =>
        (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        && context.Request.Headers.Upgrade.Count == 0 && RequestRecord.Of(context) is not { WasSteered: true };

    private Region? Elsewhere(HttpContext context, GeoOptions options)
    {
        if (options.Regions.IsEmpty)
            return null;
        var order = NearestRegions.Of(places.Of(context).Location, options.Regions, options.Groups, places.Health, options.OwnRegion);
        return Steering.Elsewhere(order, options.OwnRegion, options.Hysteresis, out _);
    }

    /// <summary>The origin learns of a look-up's client what the key holds, of a pass's all.</summary>
    private void Tell(HttpContext context, CachePolicy? policy, GeoOptions options)
    {
        var headers = context.Request.Headers;
        if (configuration.Current.RoutesByPlace)
            options.Fields.Clear(headers);
        if (policy is null)
        {
            if (options.HasPlaces)
                options.Fields.SetAll(headers, places.Of(context));
            return;
        }
        if (policy.Key.Country is not { } key)
            return;
        var client = places.Of(context);
        var place = key.PlaceOf(client, options.Groups);
        RequestRecord.Of(context)?.KeyPlace = place;
        if (key.IsByGroup)
            options.Fields.SetGroup(headers, place);
        else
            options.Fields.SetCountry(headers, client);
    }

    private Task SendThere(HttpContext context, Region to)
    {
        var request = context.Request;
        var response = context.Response;
        var status = new CacheStatus { Detail = Steered };
        RequestRecord.Of(context)?.AnswerOwn(Steered, 0);
        response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        response.Headers.Location = to.PublicAddress!.GetLeftPart(UriPartial.Authority) + request.Path.Value + SteerMark.AddTo(request.QueryString.Value!, places.Options.OwnRegion);
        // For this client, and now: neither may be kept.
        response.Headers.CacheControl = "private, no-store";
        response.Headers["Cache-Status"] = status.Write(node.CacheName);
        response.ContentLength = 0;
        return Task.CompletedTask;
    }

    private Task TellNearestAsync(HttpContext context)
    {
        var client = places.Of(context);
        var answer = Nearest.Of(places, client.Location, client.Address?.ToString());
        var bytes = JsonSerializer.SerializeToUtf8Bytes(answer, Nearest.Json);
        RequestRecord.Of(context)?.AnswerOwn("nearest", bytes.Length);
        context.Response.Headers.CacheControl = "private, no-store";
        context.Response.Headers.AccessControlAllowOrigin = "*"; // for scripts of any page: it says nothing but where its own reader is
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes).AsTask();
    }
}
