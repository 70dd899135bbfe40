using DistCache.Proxy.Delivery;
using DistCache.Proxy.Keys;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Telemetry;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Keys;
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

    /// <summary>The origin answered the leader with an error that is the leader's alone; nothing has been written.</summary>
    LeaderFailed,
}

/// <summary>Answers a request that memory alone could not: from a fill that it leads or joins, from what is stale, or by a pass.</summary>
internal sealed class FillAnswers(
    FillCoordinator fills, FillServices services, FillRequests requests, SharedRanges ranges, Delivery.Delivery delivery, PassPath passes, PurgeCheck purges,
    UncacheableMarkers markers, OwnAnswers own, TimeProvider time)
{
    /// <summary>After a failed validation the origin is left alone for this long; and when it is tried again, nobody who may have what is stale waits longer.</summary>
    private static readonly TimeSpan Respite = TimeSpan.FromSeconds(1);

    /// <summary>How long a follower of a fill that the origin failed waits for its turn before it asks beside the others.</summary>
    private static readonly TimeSpan PatienceForTurn = TimeSpan.FromSeconds(2);

    /// <summary>So often a request may find that others were faster.</summary>
    private const int MostLooks = 10;

    private readonly Turns _turns = new();

    /// <summary>stale-while-revalidate: the stale response goes out now, one validation runs in the background. False: its body has left.</summary>
    public bool TryServeStaleAndValidate(LookUp lookUp, out Task sent)
    {
        if (!delivery.TrySend(lookUp.Context, lookUp.Stored!, lookUp.Reuse, new() { Hit = true, Detail = "stale-while-revalidate" }, time.GetTimestamp(), out sent))
            return false;
        services.Memory.Hit(lookUp.Stored!);
        var validation = fills.JoinOrLead(FillRequests.KeyOf(lookUp), other => MayJoin(lookUp, other), () => IsSettled(lookUp), () => requests.For(lookUp), out var leads);
        if (leads)
            validation!.LeaveAsLeader(); // nobody waits for its body
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
        if (IsMarked(lookUp))
        {
            await PassAsync(lookUp, miss with { Detail = "uncacheable-marker" });
            return FillResult.Answered;
        }
        if (await ranges.TrySendAsync(lookUp) is { } range)
        {
            await range;
            return FillResult.Answered;
        }
        // A node's conditions are about what it holds: what is fetched for it is fetched for all that will ask.
        // Not collapsed: what must be validated at each use, what carries credentials or asks not to be stored, and conditions that go to
        // the origin as they are.
        var keepsConditions = lookUp is { Variants: null, HasConditions: true, Hop: null };
        var asksNotToStore = lookUp.Facts.Directives.NoStore && lookUp.Policy.Caching.HonourRequestDirectives;
        var alone = keepsConditions || asksNotToStore || lookUp.Facts.HasAuthorization || lookUp.Stored is { Reuse.NoCache: true };
        if (lookUp.Stored?.Failed is { } failed && time.GetElapsedTime(failed.At) < Respite && TrySendStale(lookUp, failed.Failure, miss, out var stale))
        {
            await stale;
            return FillResult.Answered;
        }
        if (alone)
            return await AloneAsync(lookUp, keepsConditions, miss);
        var fillKey = FillRequests.KeyOf(lookUp);
        var (fill, result) = await JoinAsync(lookUp, fillKey, other => MayJoin(lookUp, other), () => IsSettled(lookUp), miss);
        if (result is FillResult.LeaderFailed)
            result = await InTurnAsync(lookUp, fillKey, fill!, miss);
        if (result is not FillResult.NotForUs)
            return result;
        // A tag purge may have overtaken it, which only its head could tell: all who fail so share one next fill. And what the answer varies
        // on is known by now: everybody of one variant shares one, too.
        var mayNotKnow = fill is not null && purges.HasTagPurgeAfter(fill.Request.AsOf);
        var variantKey = fill is null ? fillKey : FillRequests.KeyOf(lookUp, fill);
        if (mayNotKnow || !CacheKeyComparer.Instance.Equals(variantKey, fillKey))
        {
            (fill, result) = await JoinAsync(lookUp, variantKey, other => MayJoin(lookUp, other) && !purges.HasTagPurgeAfter(other.Request.AsOf), () => IsSettled(lookUp), miss);
            if (result is FillResult.LeaderFailed)
                result = await InTurnAsync(lookUp, variantKey, fill!, miss);
            if (result is not FillResult.NotForUs)
                return result;
        }
        return await AloneAsync(lookUp, keepsConditions, miss);
    }

    /// <summary>From a fill that others may share. Null as the fill: there was none to join.</summary>
    private async Task<(Fill?, FillResult)> JoinAsync(LookUp lookUp, CacheKey fillKey, Func<Fill, bool> mayJoin, Func<bool> isSettled, CacheStatus miss)
    {
        var waitsForAsker = false;
        if (fills.JoinOrLead(fillKey, MayJoinNoting, isSettled, () => requests.For(lookUp), out var leads) is { } fill)
            return (fill, await AnswerFromAsync(lookUp, fill, leads, miss));
        if (waitsForAsker)
            return (null, FillResult.NotForUs);
        try
        {
            await fills.WaitForTurnAsync(fillKey, lookUp.Context.RequestAborted);
            return (null, FillResult.LookAgain);
        }
        catch (OperationCanceledException)
        {
            return (null, FillResult.Answered); // the client has left
        }

        bool MayJoinNoting(Fill other)
        {
            waitsForAsker |= WaitsFor(lookUp.Hop?.Region, other);
            return mayJoin(other);
        }
    }

    /// <summary>
    /// The leader's error is not shared, for it may be of the leader's own making: else who sends what the origin cannot bear would fail
    /// everybody. But the origin may be down for all, and a crowd is what it needs least: the followers ask one after the other, each as
    /// the leader of a fill, until one of them can answer all, or for as long as they have patience.
    /// </summary>
    private async Task<FillResult> InTurnAsync(LookUp lookUp, CacheKey fillKey, Fill failed, CacheStatus miss)
    {
        using var patience = new CancellationTokenSource(PatienceForTurn, time);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, lookUp.Context.RequestAborted);
        while (!IsMarked(lookUp) && await TakeTurnAsync(fillKey, cancel.Token) is { } turn)
        {
            if (fills.JoinOrLead(fillKey, other => MayJoin(lookUp, other), () => IsSettled(lookUp), () => requests.For(lookUp), out var leads) is not { } fill)
            {
                turn.Dispose();
                return FillResult.LookAgain;
            }
            // The next one may ask as soon as this answer is known; its body may take long.
            _ = fill.Outcome.ContinueWith(static (_, turn) => ((IDisposable)turn!).Dispose(), turn, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            var result = await AnswerFromAsync(lookUp, fill, leads, miss);
            if (result is not FillResult.LeaderFailed)
                return result;
            failed = fill;
        }
        if (!lookUp.Context.RequestAborted.IsCancellationRequested)
            await PassAsync(lookUp, miss with { Detail = (await failed.Outcome as FillOutcome.Private)?.Reason });
        return FillResult.Answered;
    }

    private async Task<IDisposable?> TakeTurnAsync(CacheKey fillKey, CancellationToken cancel)
    {
        try
        {
            return await _turns.TakeAsync(fillKey, cancel);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>A mark is the key's: another variant's answer may have made it, and what is stored for this request can be validated and outlast an origin that fails.</summary>
    private bool IsMarked(LookUp lookUp) => lookUp.Stored is null && markers.IsMarked(lookUp.Key);

    /// <summary>As this client asks. But a range, whose answer others may have, is asked for as look-ups ask: who comes first shall not decide by a field that does not count.</summary>
    private async Task PassAsync(LookUp lookUp, CacheStatus status, bool isWatched = true)
    {
        var headers = lookUp.Context.Request.Headers;
        var asked = headers.Range.Count > 0 ? headers.ToArray() : [];
        if (asked.Length > 0)
            lookUp.Policy.Normalizer.Rewrite(headers);
        await passes.ForwardAsync(lookUp.Context, status, lookUp.Policy, lookUp.Key, isWatched ? lookUp.Key : null);
        foreach (var (name, value) in asked) // for the access log
            headers[name] = value;
    }

    /// <summary>On our own, beside all others in the same position.</summary>
    private async Task<FillResult> AloneAsync(LookUp lookUp, bool keepsConditions, CacheStatus miss)
    {
        var mayRead = lookUp is { Stored: null, IsFenced: false } && !lookUp.Facts.Directives.NoStore;
        var fill = fills.Alone(requests.For(lookUp) with { KeepsConditions = keepsConditions, Shared = mayRead ? SharedUse.Read : SharedUse.None, MayPromote = false });
        var result = await AnswerFromAsync(lookUp, fill, leads: true, miss);
        return result is FillResult.Answered ? result : throw new InvalidOperationException($"its own fill came to {result} for who leads it"); // who leads holds what it came to
    }

    /// <summary>RFC 9111 §3.3: a stored piece of what is not stored as a whole answers ranges inside it.</summary>
    private bool TryAnswerFromPart(LookUp lookUp, out Task sent)
    {
        sent = Task.CompletedTask;
        var request = lookUp.Context.Request;
        if (lookUp.Stored is not null || lookUp.IsFenced || lookUp.HasConditions || request.Headers.Range.Count != 1)
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
            await PassAsync(lookUp, miss, isWatched: false);
            return;
        }
        var head = fills.Alone(requests.For(lookUp, HttpMethods.Head) with { KeepsConditions = true, Candidates = [], Shared = SharedUse.None });
        await AnswerFromAsync(lookUp, head, leads: true, miss);
    }

    /// <summary>Another response than the one that we looked at is stored by now, and may answer.</summary>
    private bool IsSettled(LookUp lookUp)
    {
        var version = purges.Version;
        return services.Memory.Find(lookUp.Key) is { } variants
            && Variants.Select(variants, lookUp.Context.Request.Headers, lookUp.Policy.Normalizer) is { } stored
            && !stored.Is(lookUp.Stored)
            && purges.MayUse(stored, version, lookUp.IsFenced, out var reuse)
            && ReuseRules.Decide(lookUp.Facts, reuse, time.GetElapsedTime(stored.ReceivedAt), lookUp.Policy.Caching, out _) is ReuseDecision.Serve;
    }

    /// <summary>A fill answers only who came before the purges that it does not know; of a fenced node, only who came before the fill.</summary>
    private bool MayJoin(LookUp lookUp, Fill fill) =>
        (!lookUp.IsFenced || (fill.Request.IsFenced && fill.Request.StartedAt > lookUp.Arrived) || !purges.Rules.FencedJoinsOnlyLater)
        && (purges.IsUntouched(fill.Request.Identity, fill.Request.AsOf) || !purges.Rules.JudgesAtJoin)
        && !WaitsFor(lookUp.Hop?.Region, fill);

    /// <summary>Two nodes that take each other for the one to ask (one of them does not know of a change yet) would wait for each other's fill, and no CDN-Loop shows it.</summary>
    private static bool WaitsFor(string? region, Fill fill) =>
        region is not null && (region.Equals(fill.Request.Shield, StringComparison.OrdinalIgnoreCase) || region.Equals(fill.Request.Owner?.Region, StringComparison.OrdinalIgnoreCase));

    private async Task<FillResult> AnswerFromAsync(LookUp lookUp, Fill fill, bool leads, CacheStatus miss)
    {
        var context = lookUp.Context;
        try
        {
            if (lookUp.Stored?.Failed is { } before && !await IsKnownSoonAsync(fill, context.RequestAborted)
                && TrySendStale(lookUp, before.Failure, miss with { Collapsed = !leads }, out var stale))
            {
                await stale;
                return FillResult.Answered;
            }
            var outcome = await fill.Outcome.WaitAsync(context.RequestAborted);
            if (outcome is not (FillOutcome.FromSharedTier or FillOutcome.Superseded))
                RequestRecord.Of(context)?.AskedBy(fill.Request.Origin.Record);
            var status = miss with { ForwardStatus = outcome.OriginStatus, Collapsed = !leads };
            if (FailureOf(outcome) is { } failure && TrySendStale(lookUp, failure, status, out stale))
            {
                await stale;
                return FillResult.Answered;
            }
            switch (outcome)
            {
                case FillOutcome.Superseded:
                    return FillResult.LookAgain;
                case FillOutcome.Failed failed:
                    await own.SendAsync(context, StatusOf(failed, lookUp), status with { Detail = failed.Reason }, failed.Error, OwnAnswers.TextOf(failed.Status));
                    return FillResult.Answered;
                case FillOutcome.Private { Head.Status: StatusCodes.Status200OK } when leads && HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Range.Count > 0:
                    // Our whole fetch served nobody: let the origin answer the range itself.
                    fill.LeaveAsLeader();
                    await PassAsync(lookUp, status with { Detail = "range" }, isWatched: false);
                    return FillResult.Answered;
                case FillOutcome.Private answer when leads:
                    await delivery.SendPrivateAsync(context, answer, fill.TakeLeader(), status with { Detail = answer.Reason });
                    return FillResult.Answered;
                case FillOutcome.Private { OriginStatus: >= 500 }:
                    return FillResult.LeaderFailed;
                case FillOutcome.Private answer:
                    await PassAsync(lookUp, miss with { Detail = answer.Reason });
                    return FillResult.Answered;
                case FillOutcome.Freshened { Reason: { } reason } when !leads:
                    await PassAsync(lookUp, miss with { Detail = reason });
                    return FillResult.Answered;
                case FillOutcome.Freshened freshened:
                    return await SendFilledAsync(lookUp, fill, freshened.Response, leads, status with { Stored = freshened.Reason is null, Detail = freshened.Reason ?? status.Detail }, lookUp.Hop is null ? freshened.PrivateFields : null); // a node would take it for the stored response's own
                case FillOutcome.FromSharedTier found:
                    return await SendFilledAsync(lookUp, fill, found.Response, leads, new() { Hit = true, Detail = "shared-tier" });
                case FillOutcome.Shared shared:
                    return await SendFilledAsync(lookUp, fill, shared.Response, leads, status with { Stored = shared.IsKept }, shared.PrivateFields);
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

    private async Task<FillResult> SendFilledAsync(LookUp lookUp, Fill fill, StoredResponse response, bool leads, CacheStatus status, FieldList? privateFields = null)
    {
        var context = lookUp.Context;
        var now = time.GetTimestamp();
        if (!leads && !MayAnswer(lookUp, response, now))
            return FillResult.NotForUs;
        // A whole body has left: a later answer has taken its place, or another key its room. Who asked alone for that would do so beside all others like him.
        if (!delivery.TrySend(context, response, response.Reuse, status, now, out var sent, leads ? privateFields : null))
            return leads || !response.Body.IsWhole || lookUp.Looks >= MostLooks ? FillResult.NotForUs : FillResult.LookAgain;
        if (leads)
            fill.LeaveAsLeader(); // it reads on its own by now; its hold would keep a window from moving
        await sent;
        return FillResult.Answered;
    }

    /// <summary>RFC 9111 §4: a follower is answered only by what a stored response could answer it with.</summary>
    private bool MayAnswer(LookUp lookUp, StoredResponse response, long now) =>
        Variants.Matches(response.Variant, lookUp.Context.Request.Headers, lookUp.Policy.Normalizer)
        && (purges.IsUntouched(response.Identity, response.AsOf) || !purges.Rules.JudgesAtHead)
        && ReuseRules.Decide(lookUp.Facts, response.Reuse, time.GetElapsedTime(response.ReceivedAt, now), lookUp.Policy.Caching, out _)
            is ReuseDecision.Serve or ReuseDecision.ServeStaleAndValidate;

    private async Task<bool> IsKnownSoonAsync(Fill fill, CancellationToken cancel)
    {
        try
        {
            await fill.Outcome.WaitAsync(Respite, time, cancel);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>504 where nobody can be asked who would have to be: neither the log nor the origin (rule 21), or no origin about what may not be served unvalidated (rule 24, RFC 9111 §5.2.2.2).</summary>
    internal static int StatusOf(FillOutcome.Failed failed, LookUp lookUp) =>
        lookUp.IsUnconfirmed || (failed.Status is StatusCodes.Status502BadGateway && lookUp.Stored is { Reuse.ForbidsStale: true }) ? StatusCodes.Status504GatewayTimeout : failed.Status;

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
        // A node could not see that a purge has made it stale: the fields do not say so.
        if (lookUp is { Hop: not null, Stored: { } held } && !purges.IsUntouched(held.Identity, held.AsOf))
            return false;
        return lookUp.Stored is { } stored
            && ReuseRules.MayServeOnFailure(lookUp.Facts, lookUp.Reuse, time.GetElapsedTime(stored.ReceivedAt, now), failure, lookUp.Policy.Caching)
            && delivery.TrySend(lookUp.Context, stored, lookUp.Reuse, status with { Detail = "stale-if-error" }, now, out sent);
    }
}
