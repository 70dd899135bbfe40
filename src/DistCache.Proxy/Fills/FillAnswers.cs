using DistCache.Proxy.Delivery;
using DistCache.Proxy.Keys;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Purging;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Memory;
using DistCache.Storage.Responses;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Fills;

internal enum FillResult
{
    Answered,

    /// <summary>What was missed is stored by now; nothing has been written.</summary>
    LookAgain,

    /// <summary>This fill may not, or cannot any more, answer this request; nothing has been written.</summary>
    NotForUs,
}

/// <summary>Answers a request that memory alone could not: from a fill that it leads or joins, from what is stale, or by a pass.</summary>
internal sealed class FillAnswers(
    FillCoordinator fills, FillServices services, FillRequests requests, Delivery.Delivery delivery, PassPath passes, PurgeCheck purges,
    UncacheableMarkers markers, OwnAnswers own, TimeProvider time)
{
    /// <summary>stale-while-revalidate: the stale response goes out now, one validation runs in the background. False: its body has left.</summary>
    public bool TryServeStaleAndValidate(LookUp lookUp, out Task sent)
    {
        if (!delivery.TrySend(lookUp.Context, lookUp.Stored!, lookUp.Reuse, new() { Hit = true, Detail = "stale-while-revalidate" }, time.GetTimestamp(), out sent))
            return false;
        MemoryTier.Hit(lookUp.Stored!);
        var validation = fills.JoinOrLead(FillRequests.KeyOf(lookUp), MayJoin, () => IsSettled(lookUp), () => requests.For(lookUp), out var leads);
        if (leads)
            validation.LeaveAsLeader(); // nobody waits for its body
        return true;
    }

    public async Task<FillResult> AnswerAsync(LookUp lookUp)
    {
        var context = lookUp.Context;
        var miss = MissStatus.Of(lookUp);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            await HeadAsync(lookUp, miss);
            return FillResult.Answered;
        }
        if (TryAnswerFromPart(lookUp, out var part))
        {
            await part;
            return FillResult.Answered;
        }
        if (markers.IsMarked(lookUp.Key))
        {
            await passes.ForwardAsync(context, miss with { Detail = "uncacheable-marker" }, lookUp.Policy, lookUp.Key);
            return FillResult.Answered;
        }
        // Not collapsed: what must be validated at each use, what carries credentials or asks not to be stored, and conditions that go to
        // the origin as they are.
        var keepsConditions = lookUp.Variants is null && lookUp.HasConditions;
        var asksNotToStore = lookUp.Facts.Directives.NoStore && lookUp.Policy.Caching.HonourRequestDirectives;
        var alone = keepsConditions || asksNotToStore || lookUp.Facts.HasAuthorization || lookUp.Stored is { Reuse.NoCache: true };
        var leads = true;
        var fill = alone
            ? fills.Alone(requests.For(lookUp) with { KeepsConditions = keepsConditions })
            : fills.JoinOrLead(FillRequests.KeyOf(lookUp), MayJoin, () => IsSettled(lookUp), () => requests.For(lookUp), out leads);
        var result = await AnswerFromAsync(lookUp, fill, leads, miss);
        if (result is not FillResult.NotForUs)
            return result;
        if (!leads && purges.HasTagPurgeAfter(fill.Request.AsOf))
        {
            // A tag purge may have overtaken it, which only its head could tell: all who fail so share one next fill.
            fill = fills.JoinOrLead(
                FillRequests.KeyOf(lookUp), other => MayJoin(other) && !purges.HasTagPurgeAfter(other.Request.AsOf), static () => false, () => requests.For(lookUp), out leads);
            result = await AnswerFromAsync(lookUp, fill, leads, miss);
            if (result is not FillResult.NotForUs)
                return result;
        }
        // The fill that we joined may not answer us, or its body has left already: on our own, beside all others in the same position.
        fill = fills.Alone(requests.For(lookUp) with { KeepsConditions = keepsConditions });
        if (await AnswerFromAsync(lookUp, fill, leads: true, miss) is not FillResult.Answered)
            context.Abort();
        return FillResult.Answered;
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
            await passes.ForwardAsync(lookUp.Context, miss, lookUp.Policy);
            return;
        }
        var head = fills.Alone(requests.For(lookUp, HttpMethods.Head) with { KeepsConditions = true, Candidates = [] });
        await AnswerFromAsync(lookUp, head, leads: true, miss);
    }

    /// <summary>Another response than the one that we looked at is stored by now, and may answer.</summary>
    private bool IsSettled(LookUp lookUp)
    {
        var version = purges.Version;
        return services.Memory.Find(lookUp.Key) is { } variants
            && Variants.Select(variants, lookUp.Context.Request.Headers, lookUp.Policy.Normalizer) is { } stored
            && stored != lookUp.Stored
            && purges.MayUse(stored, version, out var reuse)
            && ReuseRules.Decide(lookUp.Facts, reuse, time.GetElapsedTime(stored.ReceivedAt), lookUp.Policy.Caching, out _) is ReuseDecision.Serve;
    }

    /// <summary>A fill answers only who came before the purges that it does not know.</summary>
    private bool MayJoin(Fill fill) => purges.IsUntouched(fill.Request.Identity, fill.Request.AsOf);

    private async Task<FillResult> AnswerFromAsync(LookUp lookUp, Fill fill, bool leads, CacheStatus miss)
    {
        var context = lookUp.Context;
        try
        {
            var outcome = await fill.Outcome.WaitAsync(context.RequestAborted);
            var status = miss with { ForwardStatus = outcome.OriginStatus, Collapsed = !leads };
            if (FailureOf(outcome) is { } failure && TrySendStale(lookUp, failure, status, out var stale))
            {
                await stale;
                return FillResult.Answered;
            }
            switch (outcome)
            {
                case FillOutcome.Superseded:
                    return FillResult.LookAgain;
                case FillOutcome.Failed failed:
                    await own.SendAsync(context, failed.Status, status with { Detail = failed.Reason }, failed.Error, OwnAnswers.TextOf(failed.Status));
                    return FillResult.Answered;
                case FillOutcome.Private { Head.Status: StatusCodes.Status200OK } when leads && HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Range.Count > 0:
                    // Our whole fetch served nobody: let the origin answer the range itself.
                    fill.LeaveAsLeader();
                    await passes.ForwardAsync(context, status with { Detail = "range" }, lookUp.Policy);
                    return FillResult.Answered;
                case FillOutcome.Private answer when leads:
                    await Delivery.Delivery.SendPrivateAsync(context, answer, fill.TakeLeader(), status with { Detail = answer.Reason });
                    return FillResult.Answered;
                case FillOutcome.Private answer:
                    await passes.ForwardAsync(context, miss with { Detail = answer.Reason }, lookUp.Policy, lookUp.Key);
                    return FillResult.Answered;
                case FillOutcome.Freshened { Reason: { } reason } when !leads:
                    await passes.ForwardAsync(context, miss with { Detail = reason }, lookUp.Policy, lookUp.Key);
                    return FillResult.Answered;
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
            return FillResult.Answered; // the client has left; the fill goes on without it
        }
        finally
        {
            if (leads)
                fill.LeaveAsLeader();
        }
    }

    private async Task<FillResult> SendFilledAsync(LookUp lookUp, Fill fill, StoredResponse response, bool leads, CacheStatus status)
    {
        var context = lookUp.Context;
        var now = time.GetTimestamp();
        if (!leads && !MayAnswer(lookUp, response, now))
            return FillResult.NotForUs;
        if (!delivery.TrySend(context, response, response.Reuse, status, now, out var sent))
            return FillResult.NotForUs;
        if (leads)
            fill.LeaveAsLeader(); // it reads on its own by now; its hold would keep a window from moving
        await sent;
        return FillResult.Answered;
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
}
