using System.IO.Pipelines;
using System.Net;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Telemetry;
using DistCache.Semantics.Reuse;
using DistCache.Semantics.Storing;
using DistCache.Storage.Bodies;
using DistCache.Storage.Memory;
using DistCache.Storage.Responses;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Model;

namespace DistCache.Proxy.Hits;

/// <summary>
/// The shortest way of a hit. A request that the whole path (gate, routes, policy, key, look-up, rules) has answered with a plain hit is
/// remembered by its bytes on the wire; when the same bytes come again, only what can have changed since is asked again: configuration,
/// purges, the place in the memory tier, freshness. Anything else goes the whole way.
/// </summary>
internal sealed class HitServer(MemoryTier memory, PurgeCheck purges, ProxyConfiguration configuration, EdgeMeter meter, GeoMeter geo, IEnumerable<IRequestLog> logs, TimeProvider time)
{
    private static readonly RequestFacts Plain = new() { Method = HttpMethods.Get };

    private readonly KnownHits _known = new(memory);
    private readonly IRequestLog? _log = logs.SingleOrDefault();

    public long Now => time.GetTimestamp();

    public TimeSpan Since(long timestamp) => time.GetElapsedTime(timestamp);

    /// <summary>False while somebody wants to know more of each request than its count and its time.</summary>
    public bool IsOpen => _log is not { IsEnabled: true } && !EdgeTrace.Source.HasListeners();

    public KnownHit? Find(KnownFields fields, bool isHttps, ReadOnlySpan<byte> target) => _known.Find(fields, isHttps, target);

    /// <summary>Writes the answer, without a flush. False: nothing is written, it is not a plain hit now.</summary>
    /// <param name="isWhole">False: the body is to follow, and is the caller's to release.</param>
    public bool TryAnswer(KnownHit hit, PipeWriter output, out bool isWhole)
    {
        isWhole = true;
        var response = hit.Response;
        var now = time.GetTimestamp();
        if (purges.IsFenced(now, hit.Policy))
            return false;
        var version = purges.Version;
        if (hit.Revision != configuration.Revision || response.AsOf < version || !response.IsResident)
            return false;
        var resident = time.GetElapsedTime(response.ReceivedAt, Math.Max(now, response.ReceivedAt));
        if (ReuseRules.Decide(Plain, response.Reuse, resident, hit.Policy.Caching, out var reason) is not ReuseDecision.Serve || reason is not ReuseReason.Fresh)
            return false;
        var body = response.Body;
        if (!body.TryAcquire())
            return false;
        hit.WriteHead(output, (long)response.Reuse.AgeAfter(resident).TotalSeconds, (long)Math.Floor(response.Reuse.TtlAfter(resident).TotalSeconds));
        var length = body.Length;
        isWhole = length <= BodySender.OneFlush;
        if (isWhole)
        {
            for (var sent = 0L; sent < length;)
                sent += Copy(body, sent, BodySender.OneFlush, output);
            body.Release();
        }
        memory.Hit(response);
        meter.Hit(hit.Counts, length, now);
        return true;
    }

    /// <summary>A request of this connection has been answered here.</summary>
    public void Count(EndPoint? peer, ref ClientPlace? last) => geo.Count(peer, ref last);

    /// <summary>Copies up to <paramref name="most"/> bytes of a complete body that the caller owns.</summary>
    public static int Copy(Body body, long from, int most, PipeWriter output)
    {
        var copied = 0;
        while (copied < most && body.At(from + copied) is { IsEmpty: false } piece)
        {
            if (piece.Length > most - copied)
                piece = piece[..(most - copied)];
            var span = output.GetSpan(piece.Length);
            piece.CopyTo(span);
            output.Advance(piece.Length);
            copied += piece.Length;
        }
        return copied;
    }

    /// <summary>The whole path has answered this request with that response, as a plain hit.</summary>
    public void Learn(HttpContext context, RouteModel route, CachePolicy policy, StoredResponse response)
    {
        // The bytes of the request alone must decide: no other field, no condition of a route, no user, no place.
        if (RequestRecord.Of(context) is not { Reader: not null, Hop: null } record || context.GetEndpoint() is not { } endpoint
            || !HttpMethods.IsGet(context.Request.Method) || context.Response.StatusCode != StatusCodes.Status200OK
            || response.Variant.Names.Length > 0 || !policy.IsByUrlAlone || !configuration.Current.RoutesByUrlAlone
            || endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null || endpoint.Metadata.GetMetadata<GeoRules>() is not null || endpoint.Metadata.GetMetadata<RouteCounts>() is not { } counts)
            return;
        var request = context.Request;
        if (context.Features.Get<IHttpRequestFeature>()!.RawTarget is not { Length: > 0 } target || target[0] != '/' || response.Prepared is not ResponseHead head)
            return;
        if (head.Known is { } known && known.Revision == record.Revision && known.Response == response && _known.Has(known))
            return;
        if (KnownHit.Of(request.IsHttps, request.Host.Value!, target, response, head, policy, counts, record.Revision) is { } hit)
        {
            head.Known = hit;
            _known.Add(hit);
        }
    }
}
