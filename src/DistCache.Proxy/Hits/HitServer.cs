using System.Buffers;
using System.Net;
using System.Text;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Requests;
using DistCache.Proxy.Sockets;
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
/// remembered by those of its bytes on the wire that select the response (<see cref="PlainKey"/>); when they come again, only what can have changed since is asked again: configuration,
/// purges, the place in the memory tier, freshness; and what of it this one wants (<see cref="HitForm"/>). Anything else goes the whole way.
/// </summary>
internal sealed class HitServer(MemoryTier memory, PurgeCheck purges, ProxyConfiguration configuration, StrictRequestOptions gate, EdgeMeter meter, GeoMeter geo, IEnumerable<IRequestLog> logs, TimeProvider time)
{
    private static readonly RequestFacts Plain = new() { Method = HttpMethods.Get };

    /// <summary>Characters of host, target and Accept-Encoding that are known together at most.</summary>
    private const int MostText = 2048;

    private readonly KnownHits _known = new(memory);
    private readonly KnownRoutes _routes = new();
    private readonly IRequestLog? _log = logs.SingleOrDefault();
    private readonly bool _isAsSent = !gate.StrippedFields.Intersect(PlainRequest.Conditional, StringComparer.OrdinalIgnoreCase).Any();

    public long Now => time.GetTimestamp();

    public TimeSpan Since(long timestamp) => time.GetElapsedTime(timestamp);

    /// <summary>False while somebody wants to know more of each request than its count and its time, and where the gate would take from it what decides.</summary>
    public bool IsOpen => _isAsSent && _log is not { IsEnabled: true } && !EdgeTrace.Source.HasListeners();

    /// <summary>Writes the answer to a plain request, without a flush. False: nothing is written, it is not a plain hit now.</summary>
    /// <param name="mostCopied">Bytes of a body that is written at once.</param>
    /// <param name="written">Bytes.</param>
    /// <param name="rest">Of the body, to follow; unless it is empty, the caller is an owner of its resident by now.</param>
    public bool TryAnswer(in PlainRequest request, bool isHttps, IBufferWriter<byte> output, int mostCopied, out long written, out BodySlice rest)
    {
        written = 0;
        rest = default;
        if (!_known.TryFind(request.Fields, isHttps, request.Target, out var hit))
            return false;
        try
        {
            return TryWrite(request, hit, output, mostCopied, out written, out rest);
        }
        finally
        {
            if (rest.IsEmpty)
                Release(hit.Resident);
        }
    }

    public ChunkPool Pool => memory.Pool;

    public void Release(Resident response) => response.Release(memory.Pool);

    private bool TryWrite(in PlainRequest request, in KnownHit hit, IBufferWriter<byte> output, int mostCopied, out long written, out BodySlice rest)
    {
        written = 0;
        rest = default;
        if (request.IsHead && !configuration.RoutesHeadAsGet)
            return false;
        var response = hit.Resident;
        var now = time.GetTimestamp();
        if (_routes.Of(hit.Stamp, configuration.Revision) is not { } route || purges.IsFenced(now, route.Policy))
            return false;
        var version = purges.Version;
        if (response.AsOf < version || !response.IsStored || !response.IsAlone)
            return false;
        ref readonly var reuse = ref response.Reuse;
        var resident = time.GetElapsedTime(response.ReceivedAt, Math.Max(now, response.ReceivedAt));
        if (ReuseRules.Decide(Plain, reuse, resident, route.Policy.Caching, out var reason) is not ReuseDecision.Serve || reason is not ReuseReason.Fresh)
            return false;
        var form = HitForms.Of(request, hit, out var slice);
        if (form is HitForm.SeveralRanges)
            return false;
        written = hit.WriteHead(output, form, slice, (long)reuse.AgeAfter(resident).TotalSeconds, (long)Math.Floor(reuse.TtlAfter(resident).TotalSeconds));
        memory.Hit(response);
        meter.Hit(route.Counts, HitForms.StatusOf(form), slice.Length, now);
        if (slice.Length <= mostCopied)
            written += Copy(slice, mostCopied, output);
        else
            rest = slice;
        return true;
    }

    /// <summary>A request of this connection has been answered here.</summary>
    public void Count(EndPoint? peer, ref ClientPlace? last) => geo.Count(peer, ref last);

    /// <summary>Copies up to <paramref name="most"/> bytes of a body whose owner the caller is.</summary>
    public static int Copy(BodySlice slice, int most, IBufferWriter<byte> output)
    {
        var copied = 0;
        while (copied < most && slice.From(copied).First is { IsEmpty: false } bytes)
        {
            if (bytes.Length > most - copied)
                bytes = bytes[..(most - copied)];
            bytes.CopyTo(output.GetSpan(bytes.Length));
            output.Advance(bytes.Length);
            copied += bytes.Length;
        }
        return copied;
    }

    /// <summary>The whole path has answered this request with that response, as a plain hit.</summary>
    public void Learn(HttpContext context, RouteModel route, CachePolicy policy, StoredResponse response)
    {
        // The bytes of the request alone must decide: no other field than a plain request's, no condition of a route, no user, no place.
        if (RequestRecord.Of(context) is not { Reader: not null, Hop: null } record || context.GetEndpoint() is not { } endpoint
            || !(HttpMethods.IsGet(context.Request.Method) || configuration.RoutesHeadAsGet) || response.Status != StatusCodes.Status200OK
            || response.Variant.Names is not ([] or ["accept-encoding"]) || !policy.IsByUrlAlone || !configuration.RoutesByUrlAlone
            || endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null || endpoint.Metadata.GetMetadata<GeoRules>() is not null || endpoint.Metadata.GetMetadata<RouteCounts>() is not { } counts)
            return;
        var request = context.Request;
        if (request.Path.Value == GeoGate.NearestPath) // GET may be answered before the cache, HEAD is not
            return;
        if (context.Features.Get<IHttpRequestFeature>()!.RawTarget is not { Length: > 0 } target || target[0] != '/' || response.Prepared is not ResponseHead head)
            return;
        var (host, byEncodings, encodings) = (request.Host.Value!, response.Variant.Names.Length > 0, "");
        if (byEncodings && request.Headers.AcceptEncoding is { Count: > 0 } lines)
        {
            if (lines is not [{ Length: > 0 } line] || line.AsSpan().ContainsAnyExceptInRange(' ', '~'))
                return; // no plain request says it like this, and "" is what says nothing
            encodings = line;
        }
        if (host.Length + target.Length + encodings.Length > MostText || !Ascii.IsValid(host) || !Ascii.IsValid(target) || response.Resident is not { } resident || !resident.TryAcquire())
            return;
        Span<byte> bytes = stackalloc byte[MostText];
        var hostBytes = bytes[..Encoding.ASCII.GetBytes(host, bytes)];
        var targetBytes = bytes.Slice(host.Length, Encoding.ASCII.GetBytes(target, bytes[host.Length..]));
        var encodingsBytes = bytes.Slice(host.Length + target.Length, Encoding.ASCII.GetBytes(encodings, bytes[(host.Length + target.Length)..]));
        if (resident.IsAlone)
            _known.Learn(resident, new PlainKey(request.IsHttps, hostBytes, targetBytes, byEncodings, encodingsBytes), _routes.StampOf(record.Revision, policy, counts), head, response.ETag);
        Release(resident);
    }
}
