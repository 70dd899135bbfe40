using System.Buffers;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Keys;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Requests;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace DistCache.Proxy;

/// <summary>
/// The way of a request: classify, key, look up, decide, and then serve, validate, fetch or pass. It runs after routing and before
/// YARP's endpoint. A memory hit stays in <see cref="InvokeAsync"/> and <see cref="LookUpAndServe"/>: synchronous, no lock.
/// </summary>
internal sealed class EdgeCache(
    RequestDelegate next, MemoryTier memory, UncacheableMarkers markers, PolicyCatalog policies, FillCoordinator fills, FillServices services, Delivery.Delivery delivery,
    PurgeCheck purges, PurgePort purgePort, WriteInvalidation writes, OwnAnswers own, NodeIdentity node, TimeProvider time)
{
    private const int KeyOnStack = 512;

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.TryGetValue("CDN-Loop", out var loop) && node.IsIn(loop.ToString()))
            return own.SendAsync(context, StatusCodes.Status508LoopDetected, CacheStatus.Forwarded(Forward.Bypass, "loop"), ProxyStatus.LoopDetected, "The request came back to the node that sent it.");
        if (request.Method == "PURGE")
            return purgePort.AnswerAsync(context);
        if (RouteOf(context) is not { } route)
            return own.SendAsync(context, StatusCodes.Status404NotFound, CacheStatus.Forwarded(Forward.Bypass, "no-route"), ProxyStatus.DestinationNotFound, "No route is configured for this request.");
        var policy = PolicyOf(route);
        var requestClass = RequestClass.Of(request, policy);
        return requestClass.IsPass
            ? PassAsync(context, CacheStatus.Forwarded(requestClass.PassAs, requestClass.Reason), policy)
            : LookUpAndServe(context, route, policy!);
    }

    private Task LookUpAndServe(HttpContext context, RouteModel route, CachePolicy policy)
    {
        var request = context.Request;
        var routeId = route.Config.RouteId;
        var most = KeyWriter.MostBytes(request, routeId);
        var rented = most > KeyOnStack ? ArrayPool<byte>.Shared.Rent(most) : null;
        try
        {
            var buffer = rented ?? stackalloc byte[KeyOnStack];
            var key = buffer[..KeyWriter.Write(request, routeId, buffer)];
            var facts = RequestReader.Facts(request);
            var version = purges.Version;
            var variants = memory.Find(key);
            var stored = variants is null ? null : Variants.Select(variants, request.Headers, policy.Normalizer);
            var now = time.GetTimestamp(); // after the look-up: what was received in between must not have a negative age
            var reuse = default(ReuseFacts);
            if (stored is not null && !purges.MayUse(stored, version, out reuse))
                stored = null;
            var reason = ReuseReason.Stale;
            var decision = stored is null
                ? ReuseRules.DecideWithoutStored(facts, policy.Caching)
                : ReuseRules.Decide(facts, reuse, time.GetElapsedTime(stored.ReceivedAt, now), policy.Caching, out reason);
            if (decision is ReuseDecision.Serve && delivery.TrySend(context, stored!, reuse, status: null, now, out var sent))
            {
                MemoryTier.Hit(stored!);
                return sent;
            }
            return AnswerAsync(new()
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
            });
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private Task AnswerAsync(LookUp lookUp) => lookUp.Decision switch
    {
        ReuseDecision.GatewayTimeout => own.SendAsync(
            lookUp.Context, StatusCodes.Status504GatewayTimeout, new() { Detail = "only-if-cached" }, ProxyStatus.InternalResponse, "Nothing usable is stored, and only-if-cached forbids asking the origin."),
        ReuseDecision.ServeStaleAndValidate => ServeStaleAndValidateAsync(lookUp),
        _ => FillAndAnswerAsync(lookUp),
    };

    private Task ServeStaleAndValidateAsync(LookUp lookUp)
    {
        if (!delivery.TrySend(lookUp.Context, lookUp.Stored!, lookUp.Reuse, new() { Hit = true, Detail = "stale-while-revalidate" }, time.GetTimestamp(), out var sent))
            return FillAndAnswerAsync(lookUp);
        MemoryTier.Hit(lookUp.Stored!);
        var validation = fills.JoinOrLead(FillKey(lookUp), MayJoin, () => IsSettled(lookUp), () => RequestFill(lookUp), out var leads);
        if (leads)
            validation.LeaveAsLeader(); // nobody waits for its body
        return sent;
    }

    private async Task FillAndAnswerAsync(LookUp lookUp)
    {
        var context = lookUp.Context;
        var miss = MissOf(lookUp);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            await HeadAsync(lookUp, miss);
            return;
        }
        if (TryAnswerFromPart(lookUp, out var part))
        {
            await part;
            return;
        }
        if (markers.IsMarked(lookUp.Key))
        {
            await PassAsync(context, miss with { Detail = "uncacheable-marker" }, lookUp.Policy, lookUp.Key);
            return;
        }
        // Not collapsed: what must be validated at each use, what carries credentials or asks not to be stored, and conditions that go to
        // the origin as they are.
        var keepsConditions = lookUp.Variants is null && lookUp.HasConditions;
        var asksNotToStore = lookUp.Facts.Directives.NoStore && lookUp.Policy.Caching.HonourRequestDirectives;
        var alone = keepsConditions || asksNotToStore || lookUp.Facts.HasAuthorization || lookUp.Stored is { Reuse.NoCache: true };
        var leads = true;
        var fill = alone
            ? fills.Alone(RequestFill(lookUp) with { KeepsConditions = keepsConditions })
            : fills.JoinOrLead(FillKey(lookUp), MayJoin, () => IsSettled(lookUp), () => RequestFill(lookUp), out leads);
        if (await AnswerFromAsync(lookUp, fill, leads, miss))
            return;
        if (fill.Outcome is { IsCompletedSuccessfully: true, Result: FillOutcome.Superseded })
        {
            await LookUpAndServe(context, RouteOf(context)!, lookUp.Policy);
            return;
        }
        if (!leads && purges.HasTagPurgeAfter(fill.Request.AsOf))
        {
            // A tag purge may have overtaken it, which only its head could tell: all who fail so share one next fill.
            fill = fills.JoinOrLead(
                FillKey(lookUp), other => MayJoin(other) && !purges.HasTagPurgeAfter(other.Request.AsOf), static () => false, () => RequestFill(lookUp), out leads);
            if (await AnswerFromAsync(lookUp, fill, leads, miss))
                return;
        }
        // The fill that we joined may not answer us, or its body has left already: on our own, beside all others in the same position.
        fill = fills.Alone(RequestFill(lookUp) with { KeepsConditions = keepsConditions });
        if (!await AnswerFromAsync(lookUp, fill, leads: true, miss))
            context.Abort();
    }

    /// <summary>RFC 9111 §3.3: a stored piece of what is not stored as a whole answers ranges inside it.</summary>
    private bool TryAnswerFromPart(LookUp lookUp, out Task sent)
    {
        sent = Task.CompletedTask;
        var request = lookUp.Context.Request;
        if (lookUp.Stored is not null || lookUp.HasConditions || request.Headers.Range.Count != 1)
            return false;
        if (services.Parts.Find(lookUp.Key, request.Headers, lookUp.Policy.Normalizer, out var reuse) is not { } part)
            return false;
        var now = time.GetTimestamp();
        return ReuseRules.Decide(lookUp.Facts, reuse, time.GetElapsedTime(part.ReceivedAt, now), lookUp.Policy.Caching, out _) is ReuseDecision.Serve
            && delivery.TrySendPart(lookUp.Context, part, reuse, now, out sent);
    }

    /// <summary>HEAD goes on as HEAD; where a GET is stored, its answer freshens or invalidates that (RFC 9111 §4.3.5).</summary>
    private async Task HeadAsync(LookUp lookUp, CacheStatus miss)
    {
        if (lookUp.Stored is null)
        {
            await PassAsync(lookUp.Context, miss, lookUp.Policy);
            return;
        }
        var head = fills.Alone(RequestFill(lookUp, HttpMethods.Head) with { KeepsConditions = true, Candidates = [] });
        await AnswerFromAsync(lookUp, head, leads: true, miss);
    }

    /// <summary>Another response than the one that we looked at is stored by now, and may answer.</summary>
    private bool IsSettled(LookUp lookUp)
    {
        var version = purges.Version;
        return memory.Find(lookUp.Key) is { } variants
            && Variants.Select(variants, lookUp.Context.Request.Headers, lookUp.Policy.Normalizer) is { } stored
            && stored != lookUp.Stored
            && purges.MayUse(stored, version, out var reuse)
            && ReuseRules.Decide(lookUp.Facts, reuse, time.GetElapsedTime(stored.ReceivedAt), lookUp.Policy.Caching, out _) is ReuseDecision.Serve;
    }

    /// <summary>A fill answers only who came before the purges that it does not know.</summary>
    private bool MayJoin(Fill fill) => purges.IsUntouched(fill.Request.Identity, fill.Request.AsOf);

    /// <summary>False: this fill may not, or cannot any more, answer this request; nothing has been written.</summary>
    private async Task<bool> AnswerFromAsync(LookUp lookUp, Fill fill, bool leads, CacheStatus miss)
    {
        var context = lookUp.Context;
        try
        {
            var outcome = await fill.Outcome.WaitAsync(context.RequestAborted);
            var status = miss with { ForwardStatus = outcome.OriginStatus, Collapsed = !leads };
            if (FailureOf(outcome) is { } failure && TrySendStale(lookUp, failure, status, out var stale))
            {
                await stale;
                return true;
            }
            switch (outcome)
            {
                case FillOutcome.Superseded:
                    return false;
                case FillOutcome.Failed failed:
                    await own.SendAsync(context, failed.Status, status with { Detail = failed.Reason }, failed.Error, OwnAnswers.TextOf(failed.Status));
                    return true;
                case FillOutcome.Private { Head.Status: StatusCodes.Status200OK } when leads && HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Range.Count > 0:
                    // Our whole fetch served nobody: let the origin answer the range itself.
                    fill.LeaveAsLeader();
                    await PassAsync(context, status with { Detail = "range" }, lookUp.Policy);
                    return true;
                case FillOutcome.Private answer when leads:
                    await Delivery.Delivery.SendPrivateAsync(context, answer, fill.TakeLeader(), status with { Detail = answer.Reason });
                    return true;
                case FillOutcome.Private answer:
                    await PassAsync(context, miss with { Detail = answer.Reason }, lookUp.Policy, lookUp.Key);
                    return true;
                case FillOutcome.Freshened { Reason: { } reason } when !leads:
                    await PassAsync(context, miss with { Detail = reason }, lookUp.Policy, lookUp.Key);
                    return true;
                case FillOutcome.Freshened freshened:
                    return await SendFilledAsync(lookUp, fill, freshened.Response, leads, status with { Stored = freshened.Reason is null, Detail = freshened.Reason });
                case FillOutcome.Shared shared:
                    return await SendFilledAsync(lookUp, fill, shared.Response, leads, status with { Stored = true });
                default:
                    throw new InvalidOperationException($"unknown outcome {outcome}");
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return true; // the client has left; the fill goes on without it
        }
        finally
        {
            if (leads)
                fill.LeaveAsLeader();
        }
    }

    private async Task<bool> SendFilledAsync(LookUp lookUp, Fill fill, StoredResponse response, bool leads, CacheStatus status)
    {
        var context = lookUp.Context;
        var now = time.GetTimestamp();
        if (!leads && !MayAnswer(lookUp, response, now))
            return false;
        if (!delivery.TrySend(context, response, response.Reuse, status, now, out var sent))
            return false;
        if (leads)
            fill.LeaveAsLeader(); // it reads on its own by now; its hold would keep a window from moving
        await sent;
        return true;
    }

    /// <summary>RFC 9111 §4: a follower is answered only by what a stored response could answer it with.</summary>
    private bool MayAnswer(LookUp lookUp, StoredResponse response, long now) =>
        Variants.Matches(response.Variant, lookUp.Context.Request.Headers, lookUp.Policy.Normalizer)
        && purges.IsUntouched(response.Identity, response.AsOf)
        && ReuseRules.Decide(lookUp.Facts, response.Reuse, time.GetElapsedTime(response.ReceivedAt, now), lookUp.Policy.Caching, out _)
            is ReuseDecision.Serve or ReuseDecision.ServeStaleAndValidate;

    private static OriginFailure? FailureOf(FillOutcome outcome) => outcome switch
    {
        FillOutcome.Failed failed => failed.Failure,
        FillOutcome.Private { OriginStatus: 500 or 502 or 503 or 504 } => OriginFailure.ServerError,
        _ => null,
    };

    private bool TrySendStale(LookUp lookUp, OriginFailure failure, CacheStatus status, out Task sent)
    {
        var now = time.GetTimestamp();
        sent = Task.CompletedTask;
        return lookUp.Stored is { } stored
            && ReuseRules.MayServeOnFailure(lookUp.Facts, lookUp.Reuse, time.GetElapsedTime(stored.ReceivedAt, now), failure, lookUp.Policy.Caching)
            && delivery.TrySend(lookUp.Context, stored, lookUp.Reuse, status with { Detail = "stale-if-error" }, now, out sent);
    }

    private async Task PassAsync(HttpContext context, CacheStatus status, CachePolicy? policy, CacheKey? watched = null)
    {
        var kept = policy is not null && MayKeep(context.Request) ? new PassedAnswer(services, policy, RouteOf(context)!.Config.RouteId) : null;
        context.Features.Set(new PassState(status, policy, watched, kept));
        await next(context);
        var failed = context.Features.Get<IForwarderErrorFeature>() is { Error: not ForwarderError.None };
        if (kept is not null)
            await kept.EndAsync(context, well: !failed && !context.RequestAborted.IsCancellationRequested);
        // Whether the origin has done what a write asked for is not known when its answer did not come.
        if (failed)
            writes.Apply(context.Request, StatusCodes.Status200OK, context.Response.Headers);
        await own.AfterPassAsync(context);
    }

    /// <summary>Of all writes only the answer to a POST may serve later GETs (RFC 9110 §9.3.3), and of passed reads a range (RFC 9111 §3.3).</summary>
    private static bool MayKeep(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) || (HttpMethods.IsGet(request.Method) && request.Headers.Range.Count > 0);

    private static RouteModel? RouteOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>();

    private CachePolicy? PolicyOf(RouteModel route) =>
        route.Config.Metadata is { } metadata && metadata.TryGetValue(PolicyFilter.MetadataKey, out var name) ? policies.Find(name) : null;

    private FillRequest RequestFill(LookUp lookUp) => RequestFill(lookUp, HttpMethods.Get);

    private FillRequest RequestFill(LookUp lookUp, string method) => new()
    {
        AsOf = purges.Version,
        Origin = lookUp.Detach(method),
        Identity = IdentityOf(lookUp.Context.Request),
        Facts = lookUp.Facts with { Method = method },
        Key = lookUp.Key,
        Policy = lookUp.Policy,
        Stored = lookUp.Stored,
        // Without a stored response for this variant a 304 may still select another one (rule 34).
        Candidates = lookUp.Variants is null || lookUp is { Stored: not null, Reuse.HasValidator: false }
            ? []
            : Validation.Candidates(purges.Validatable(lookUp.Variants), lookUp.Stored),
    };

    private static PurgeIdentity IdentityOf(HttpRequest request) =>
        PurgeIdentity.Of(request.Scheme, request.Host.Value!, request.Path.Value + request.QueryString.Value, tags: []);

    private static CacheKey FillKey(LookUp lookUp)
    {
        if (lookUp.Variants is not { } variants || variants.Responses[0].Variant.Names.Length == 0)
            return lookUp.Key;
        return FillKeys.With(lookUp.Key, Variants.Of(variants.Responses[0].Variant.Names, lookUp.Context.Request.Headers, lookUp.Policy.Normalizer));
    }

    private static CacheStatus MissOf(LookUp lookUp) => CacheStatus.Forwarded(
        lookUp switch
        {
            { Variants: null } => Forward.UriMiss,
            { Stored: null } => Forward.VaryMiss,
            { Reason: ReuseReason.RequestNoCache or ReuseReason.RequestMaxAge or ReuseReason.RequestMinFresh or ReuseReason.RequestMaxStale } => Forward.Request,
            _ => Forward.Stale,
        },
        lookUp.Stored is null ? null : Detail(lookUp.Reason));

    private static string? Detail(ReuseReason reason) => reason switch
    {
        ReuseReason.NoCache => "no-cache",
        ReuseReason.RequestNoCache => "request-no-cache",
        ReuseReason.RequestMaxAge => "request-max-age",
        ReuseReason.RequestMinFresh => "request-min-fresh",
        ReuseReason.RequestMaxStale => "request-max-stale",
        _ => null,
    };
}
