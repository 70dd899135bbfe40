using System.Buffers;
using DistCache.Fleet;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Hits;
using DistCache.Proxy.Hops;
using DistCache.Proxy.Keys;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Requests;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Keys;
using DistCache.Proxy.Telemetry;
using DistCache.Storage.Memory;
using DistCache.Storage.Shared;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Model;

namespace DistCache.Proxy;

/// <summary>
/// The way of a request: classify, key, look up, decide, and then serve, validate, fetch or pass. It runs after routing and is the end
/// of the pipeline: passes and fills run the route's YARP endpoint themselves. A memory hit stays in <see cref="InvokeAsync"/> and
/// <see cref="LookUpAndServe"/>: synchronous, no lock. Whom a miss asks, in turn, stands in <see cref="Fill"/>. A plain request for
/// what has been a plain hit here may be answered sooner, and is never seen here (<see cref="HitServer"/>); what another node
/// asks begins in <see cref="AnswerNodeAsync"/>.
/// </summary>
internal sealed class EdgeCache(
    MemoryTier memory, PurgeCheck purges, PurgePort purgePort, Delivery.Delivery delivery,
    HitServer hits, FillAnswers fills, PassPath passes, OwnAnswers own, NodeIdentity node, FleetNode fleet, IStampClock stamps, EdgeMeter meter, TimeProvider time)
{
    private const int KeyOnStack = 512;

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.TryGetValue("CDN-Loop", out var loop))
        {
            if (node.IsIn(loop.ToString()))
                return own.SendAsync(context, StatusCodes.Status508LoopDetected, CacheStatus.Forwarded(Forward.Bypass, "loop"), ProxyStatus.LoopDetected, "The request came back to the node that sent it.");
            // A node has always added itself: others need not be asked whether they are one.
            if (RequestRecord.Of(context)?.Hop is { } hop)
                return AnswerNodeAsync(context, hop);
        }
        if (request.Method == "PURGE")
            return purgePort.AnswerAsync(context);
        if (RouteOf(context) is not { } route)
            return own.SendAsync(context, StatusCodes.Status404NotFound, CacheStatus.Forwarded(Forward.Bypass, "no-route"), ProxyStatus.DestinationNotFound, "No route is configured for this request.");
        var policy = PolicyOf(route);
        var requestClass = RequestClass.Of(request, policy);
        return requestClass.IsPass
            ? passes.ForwardAsync(context, CacheStatus.Forwarded(requestClass.PassAs, requestClass.Reason), policy)
            : policy!.Consistency is Consistency.Strong && !fleet.IsAlone ? ConfirmAndServeAsync(context, route, policy)
            : LookUpAndServe(context, route, policy);
    }

    /// <summary>strong: whatever the log held when the request came is applied before it is looked up.</summary>
    private async Task ConfirmAndServeAsync(HttpContext context, RouteModel route, CachePolicy policy)
    {
        var arrived = time.GetTimestamp();
        var isConfirmed = await fleet.ConfirmAsync(context.RequestAborted);
        await LookUpAndServe(context, route, policy, arrived, isUnconfirmed: !isConfirmed);
    }

    /// <summary>
    /// Another node asks in the place of the origin (rule 20). First this one knows all that the other did; what it answers is fresh, so that
    /// whoever holds it may believe its age; and it is what the other meant, under the same key.
    /// </summary>
    private async Task AnswerNodeAsync(HttpContext context, Hop hop)
    {
        if (RouteOf(context) is not { } route || PolicyOf(route) is not { } policy || RequestClass.Of(context.Request, policy).IsPass)
            await RefuseNode(context, "hop-differs");
        else if (await stamps.AsOfAsync(hop.Stamp, time, context.RequestAborted) is null && purges.Rules.CatchesUpForAsker)
            await RefuseNode(context, "hop-behind");
        else
        {
            meter.HopTaken("taken");
            await LookUpAndServe(context, route, policy, hop: hop);
        }
    }

    private Task RefuseNode(HttpContext context, string reason)
    {
        meter.HopTaken(reason["hop-".Length..]);
        return own.SendAsync(context, StatusCodes.Status421MisdirectedRequest, CacheStatus.Forwarded(Forward.Bypass, reason), ProxyStatus.RequestDenied, "This node cannot answer for the origin.");
    }

    private Task LookUpAndServe(HttpContext context, RouteModel route, CachePolicy policy, long? arrived = null, bool isUnconfirmed = false, int looks = 0, Hop? hop = null)
    {
        var request = context.Request;
        var routeId = route.Config.RouteId;
        policy.Key.Query?.Rewrite(request);
        var fields = policy.Key.FieldsOf(request);
        var most = KeyWriter.MostBytes(request, routeId, fields);
        var rented = most > KeyOnStack ? ArrayPool<byte>.Shared.Rent(most) : null;
        try
        {
            var buffer = rented ?? stackalloc byte[KeyOnStack];
            var key = buffer[..KeyWriter.Write(request, routeId, fields, buffer)];
            if (hop is not null && !hop.IsOf(key))
                return RefuseNode(context, "hop-differs");
            var facts = RequestReader.Facts(request);
            var now = time.GetTimestamp();
            var isFenced = isUnconfirmed || purges.IsFenced(now, policy);
            var version = purges.Version;
            var variants = memory.Find(key);
            var stored = variants is null ? null : Variants.Select(variants, request.Headers, policy.Normalizer);
            var cameAt = arrived ?? now;
            if (stored is not null)
                now = Math.Max(now, stored.ReceivedAt); // what was received in between must not have a negative age
            var reuse = default(ReuseFacts);
            if (stored is not null && !purges.MayUse(stored, version, isFenced, out reuse))
                (stored, variants) = (null, memory.Find(key)); // it has been removed
            var reason = ReuseReason.Stale;
            var decision = stored is null
                ? ReuseRules.DecideWithoutStored(facts, policy.Caching)
                : ReuseRules.Decide(facts, reuse, time.GetElapsedTime(stored.ReceivedAt, now), policy.Caching, out reason);
            if (hop is not null && reason is not ReuseReason.Fresh && decision is ReuseDecision.Serve or ReuseDecision.ServeStaleAndValidate)
                decision = reuse.HasValidator ? ReuseDecision.Validate : ReuseDecision.Fetch;
            if (decision is ReuseDecision.Serve && delivery.TrySend(context, stored!, reuse, status: null, now, out var sent))
            {
                memory.Hit(stored!);
                if (reason is ReuseReason.Fresh)
                    hits.Learn(context, route, policy, stored!);
                return sent;
            }
            var lookUp = new LookUp
            {
                Context = context,
                Policy = policy,
                Key = new CacheKey(key),
                Facts = facts,
                Variants = variants,
                Stored = stored,
                Reuse = reuse,
                Decision = decision,
                Reason = reason,
                Arrived = cameAt,
                IsFenced = isFenced,
                IsUnconfirmed = isUnconfirmed,
                Hop = hop,
                Looks = looks,
            };
            return AnswerAsync(lookUp, route);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private Task AnswerAsync(LookUp lookUp, RouteModel route) => lookUp.Decision switch
    {
        ReuseDecision.GatewayTimeout => own.SendAsync(
            lookUp.Context, StatusCodes.Status504GatewayTimeout, new() { Detail = "only-if-cached" }, ProxyStatus.InternalResponse, "Nothing usable is stored, and only-if-cached forbids asking the origin."),
        ReuseDecision.ServeStaleAndValidate when fills.TryServeStaleAndValidate(lookUp, out var sent) => sent,
        _ => FillAsync(lookUp, route),
    };

    private async Task FillAsync(LookUp lookUp, RouteModel route)
    {
        if (await fills.AnswerAsync(lookUp) is not FillResult.LookAgain)
            return;
        if (lookUp.Looks > 0)
            await Task.Yield(); // what was waited for may have been there at once, and again: not on one stack
        await LookUpAndServe(lookUp.Context, route, lookUp.Policy, lookUp.Arrived, lookUp.IsUnconfirmed, lookUp.Looks + 1, lookUp.Hop);
    }

    internal static RouteModel? RouteOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>();

    internal static CachePolicy? PolicyOf(RouteModel route) => (route.Config.Metadata as PolicyMetadata)?.Policy;
}
