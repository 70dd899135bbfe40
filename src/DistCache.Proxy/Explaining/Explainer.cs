using System.Globalization;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Keys;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Peers;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Requests;
using DistCache.Proxy.Shields;
using DistCache.Semantics.Freshness;
using DistCache.Semantics.Reuse;
using DistCache.Semantics.Storing;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Model;

namespace DistCache.Proxy.Explaining;

/// <summary>
/// Says what would become of a request: the data port's own gate, routes and rules, asked in the order of <see cref="EdgeCache"/> and
/// <see cref="FillAnswers"/>. Nothing is served, stored or marked; the origin is asked only on demand, without conditions, and for no more than the head.
/// </summary>
internal sealed class Explainer(
    MemoryTier memory, PurgeCheck purges, UncacheableMarkers markers, FillRequests requests, FillServices services, Parts parts, EdgeLimits limits, NodeIdentity node, GeoGate geo, ShieldSource shields, PeerSource peers,
    IServiceScopeFactory scopes, TimeProvider time) : IExplainer
{
    private RequestDelegate? _gate;

    public async Task<(Explanation? Explanation, string? Wrong)> ExplainAsync(string url, string method, IEnumerable<string> fieldLines, string client, bool asksOrigin, CancellationToken cancel)
    {
        if (ExplainedRequest.Read(url, method, fieldLines, client, asksOrigin, out var wrong) is not { } request)
            return (null, wrong);
        request.Context.RequestAborted = cancel;
        await _gate!(request.Context);
        return (request.Explanation ?? Explain(request, ExplainedDecision.Refuse, request.Record.Reason!) with { Status = request.Context.Response.StatusCode }, null);
    }

    /// <summary>The gate and the routes of the data port, with <see cref="LookAtAsync"/> behind them.</summary>
    internal void Begin(RequestDelegate gate) => _gate = gate;

    /// <summary>In the place of <see cref="EdgeCache.InvokeAsync"/>.</summary>
    internal async Task LookAtAsync(HttpContext context)
    {
        var request = ExplainedRequest.Of(context);
        request.Explanation = await DecideAsync(request);
    }

    private ValueTask<Explanation> DecideAsync(ExplainedRequest request)
    {
        var context = request.Context;
        if (context.Request.Headers.TryGetValue("CDN-Loop", out var loop) && node.IsIn(loop.ToString()))
            return new(Explain(request, ExplainedDecision.Error, "loop") with { Status = StatusCodes.Status508LoopDetected });
        if (EdgeCache.RouteOf(context) is not { } route)
            return new(Explain(request, ExplainedDecision.Error, "no-route") with { Status = StatusCodes.Status404NotFound });
        switch (geo.Look(context, out var rules, out _))
        {
            case GeoDecision.Block:
                return new(Explain(request, ExplainedDecision.Refuse, GeoGate.Blocked) with { Status = rules!.Status });
            case GeoDecision.Steer:
                return new(Explain(request, ExplainedDecision.Refuse, GeoGate.Steered) with { Status = StatusCodes.Status307TemporaryRedirect });
        }
        var policy = EdgeCache.PolicyOf(route);
        var requestClass = RequestClass.Of(context.Request, policy);
        if (requestClass.IsPass)
            return new(Explain(request, ExplainedDecision.Pass, requestClass.Reason ?? CacheStatus.Word(requestClass.PassAs)) with { Forward = CacheStatus.Word(requestClass.PassAs) });
        return LookUpAsync(request, route, policy!);
    }

    private ValueTask<Explanation> LookUpAsync(ExplainedRequest request, RouteModel route, CachePolicy policy)
    {
        var context = request.Context;
        policy.Key.Query?.Rewrite(context.Request);
        var key = KeyWriter.Of(context.Request, route.Config.RouteId, policy.Key.FieldsOf(context.Request));
        var facts = RequestReader.Facts(context.Request);
        var now = time.GetTimestamp();
        var isFenced = purges.IsFenced(now, policy);
        var version = purges.Version;
        var variants = memory.Find(key.Bytes);
        var stored = variants is null ? null : Variants.Select(variants, context.Request.Headers, policy.Normalizer);
        var arrived = now;
        if (stored is not null)
            now = Math.Max(now, stored.ReceivedAt);
        var reuse = default(ReuseFacts);
        if (stored is not null && !purges.MayUse(stored, version, isFenced, out reuse))
            (stored, variants) = (null, memory.Find(key.Bytes));
        var reason = ReuseReason.Stale;
        var decision = stored is null
            ? ReuseRules.DecideWithoutStored(facts, policy.Caching)
            : ReuseRules.Decide(facts, reuse, time.GetElapsedTime(stored.ReceivedAt, now), policy.Caching, out reason);
        var lookUp = new LookUp
        {
            Context = context, Policy = policy, Key = key, Facts = facts, Variants = variants, Stored = stored, Reuse = reuse, Decision = decision, Reason = reason, Arrived = arrived, IsFenced = isFenced,
        };
        var forward = MissStatus.Of(lookUp);
        switch (decision)
        {
            case ReuseDecision.Serve:
                return new(Explain(request, reason is ReuseReason.Fresh ? ExplainedDecision.Hit : ExplainedDecision.Stale, reason.Reason(), lookUp));
            case ReuseDecision.ServeStaleAndValidate:
                return new(Explain(request, ExplainedDecision.Stale, reason.Reason(), lookUp));
            case ReuseDecision.GatewayTimeout:
                return new(Explain(request, ExplainedDecision.Error, ReuseReason.OnlyIfCached.Reason(), lookUp) with { Status = StatusCodes.Status504GatewayTimeout });
        }
        if (AnswersFromPart(lookUp, now))
            return new(Explain(request, ExplainedDecision.Hit, "part", lookUp));
        return AskAsync(request, lookUp, forward);
    }

    private bool AnswersFromPart(LookUp lookUp, long now) =>
        lookUp is { Stored: null, HasConditions: false, IsFenced: false } && HttpMethods.IsGet(lookUp.Context.Request.Method) && lookUp.Context.Request.Headers.Range.Count == 1
        && parts.Find(lookUp.Key, lookUp.Context.Request.Headers, lookUp.Policy.Normalizer, out var reuse) is { } part
        && ReuseRules.Decide(lookUp.Facts, reuse, time.GetElapsedTime(part.ReceivedAt, now), lookUp.Policy.Caching, out _) is ReuseDecision.Serve
        && Delivery.Delivery.Holds(part, lookUp.Context.Request.Headers, out _);

    // ---- the shared tier, then the origin

    private async ValueTask<Explanation> AskAsync(ExplainedRequest request, LookUp lookUp, CacheStatus forward)
    {
        var isHead = HttpMethods.IsHead(request.Context.Request.Method);
        var decision = lookUp.Decision is ReuseDecision.Validate ? ExplainedDecision.Validate : ExplainedDecision.Fetch;
        var word = CacheStatus.Word(forward.Forward);
        var reason = forward.Detail ?? (isHead && lookUp.Stored is null ? "head" : word);
        var age = TimeSpan.Zero;
        var marked = isHead || lookUp.Stored is not null ? null : markers.ReasonFor(lookUp.Key, out age);
        // What is marked is fetched past the shared tier.
        var shared = marked is null ? await SharedLook.AtAsync(services.Shared, requests.For(lookUp), isHead) : null;
        if (shared is { Answer: "fresh" })
            return Explain(request, ExplainedDecision.Hit, "shared-tier", lookUp) with { Shared = shared };
        var explanation = request.AsksOrigin && !isHead
            ? await AskOriginAsync(request, lookUp, decision, reason)
            : Explain(request, decision, marked is null ? reason : "uncacheable-marker", lookUp);
        if (marked is not null && explanation.Origin is null)
            explanation = ExplainMark(explanation, lookUp, marked, age);
        return explanation with { Forward = word, Shared = shared };
    }

    private async ValueTask<Explanation> AskOriginAsync(ExplainedRequest request, LookUp lookUp, ExplainedDecision decision, string reason)
    {
        // One of the fills that may be under way at once: the origin feels no difference.
        if (!services.TryBegin())
            return ExplainFailure(request, lookUp, FillCoordinator.TooMany, destination: null);
        try
        {
            return await AskOnceAsync(request, lookUp, decision, reason);
        }
        finally
        {
            services.End();
        }
    }

    private async ValueTask<Explanation> AskOnceAsync(ExplainedRequest request, LookUp lookUp, ExplainedDecision decision, string reason)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(request.Context.RequestAborted);
        var fill = requests.For(lookUp) with { Candidates = [] };
        fill.Origin.RemoveConditions();
        var sink = new HeadSink(enough);
        var askedAt = time.GetUtcNow();
        var exchange = new OriginExchange(sink, enough);
        var end = await exchange.RunAsync(fill.Origin, scopes);
        request.Context.RequestAborted.ThrowIfCancellationRequested();
        return sink.Head is { Status: not StatusCodes.Status304NotModified } head
            ? ExplainAnswer(request, lookUp, fill, head, askedAt, reason, decision)
            : ExplainFailure(request, lookUp, Fill.Failure(end, sink.Head is null ? exchange.Error : ProxyStatus.ProtocolError), fill.Origin.Record.Destination);
    }

    private static Explanation ExplainMark(Explanation explanation, LookUp lookUp, string marked, TimeSpan age)
    {
        var cause = NamedReasons.Of(marked);
        return explanation with
        {
            Because = $"{explanation.Because} {age.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s ago it was {marked}: {cause.Because}",
            Remedy = cause.Remedy,
            Setting = SettingOf(cause, explanation.Route?.Id, lookUp.Policy),
        };
    }

    private Explanation ExplainAnswer(ExplainedRequest request, LookUp lookUp, FillRequest fill, OriginHead head, DateTimeOffset askedAt, string reason, ExplainedDecision decision)
    {
        var now = time.GetUtcNow();
        var policy = lookUp.Policy;
        var facts = ResponseFacts.Read(head.Status, head.Fields, head.Framing, now, policy.Caching);
        var refusal = StoreCheck.ReasonNotTo(fill, head, facts, policy.MostBytes(limits));
        var reuse = ReuseFacts.Of(facts, CurrentAge.Initial(facts, askedAt, now), policy.Caching);
        string? next = null;
        if (refusal is null)
        {
            ReuseRules.Decide(lookUp.Facts, reuse, TimeSpan.Zero, policy.Caching, out var nextReason);
            next = nextReason.Reason();
            if (nextReason is ReuseReason.Stale && reuse.LifetimeSource is LifetimeSource.None)
                next = StorageDecision.StoreForValidation.Reason();
        }

        var answer = new ExplainedAnswer(fill.Origin.Record.Destination, Error: null, refusal is null, next, Description.Of(head.Status, head.Fields, reuse, TimeSpan.Zero, CacheTags.Of(facts.Fields), 1, policy, head.ContentLength));
        if (head.Status is 500 or 502 or 503 or 504 && MayHide(lookUp, OriginFailure.ServerError))
            return Explain(request, ExplainedDecision.Stale, "stale-if-error", lookUp) with { Origin = answer };

        // What stands against the next request is more telling than that this one is the first.
        var telling = refusal ?? (next == ReuseReason.Fresh.Reason() ? reason : next!);
        var explanation = Explain(request, decision, telling, lookUp) with { Origin = answer };
        return refusal is null && next == ReuseReason.Fresh.Reason()
            ? explanation with { Because = $"{explanation.Because} The origin's answer may be stored: the next request would be a hit." }
            : explanation;
    }

    private Explanation ExplainFailure(ExplainedRequest request, LookUp lookUp, FillOutcome.Failed failed, string? destination)
    {
        var answer = new ExplainedAnswer(destination, failed.Error, MayStore: false, Next: null, Response: null);
        return MayHide(lookUp, failed.Failure)
            ? Explain(request, ExplainedDecision.Stale, "stale-if-error", lookUp) with { Origin = answer }
            : Explain(request, ExplainedDecision.Error, failed.Reason, lookUp) with { Origin = answer, Status = FillAnswers.StatusOf(failed, lookUp) };
    }

    private bool MayHide(LookUp lookUp, OriginFailure failure) =>
        lookUp.Stored is { } stored && ReuseRules.MayServeOnFailure(lookUp.Facts, lookUp.Reuse, time.GetElapsedTime(stored.ReceivedAt), failure, lookUp.Policy.Caching);

    // ---- in words

    private Explanation Explain(ExplainedRequest request, ExplainedDecision decision, string reason, LookUp? lookUp = null)
    {
        var context = request.Context;
        var route = EdgeCache.RouteOf(context);
        var policy = route is null ? null : EdgeCache.PolicyOf(route);
        var named = NamedReasons.Of(reason);
        return new()
        {
            Method = context.Request.Method,
            Url = request.Url,
            Decision = decision,
            Reason = reason,
            Because = named.Because,
            Rule = named.Rule.Replace("{policy}", policy?.Name, StringComparison.Ordinal),
            Remedy = named.Remedy,
            Setting = SettingOf(named, route?.Config.RouteId, policy),
            Route = route is null ? null : Description.Of(context, route),
            Policy = policy is null ? null : new(policy.Name, policy.Caching.Preset.ToString().ToLowerInvariant(), policy.Revision),
            Key = lookUp is null ? null : Description.Of(context.Request, route!.Config.RouteId, lookUp),
            Stored = lookUp?.Stored is not { } stored ? null : Description.Of(
                stored.Status, stored.Fields, lookUp.Reuse, time.GetElapsedTime(stored.ReceivedAt), stored.Identity.Tags, lookUp.Variants!.Responses.Length, lookUp.Policy, stored.Body.Length),
            Owner = lookUp is not null && AsksNodes(lookUp, decision) ? peers.OwnerOf(lookUp.Key)?.Node : null,
            Shield = lookUp is not null && AsksNodes(lookUp, decision) ? ShieldOf(lookUp.Key) : null,
            Differs = lookUp is { Stored: null, Variants: not null } ? Description.Differences(lookUp) : null,
        };
    }

    private static bool AsksNodes(LookUp lookUp, ExplainedDecision decision) =>
        decision is ExplainedDecision.Fetch or ExplainedDecision.Validate && !lookUp.IsFenced && !HttpMethods.IsHead(lookUp.Context.Request.Method);

    private ExplainedShield? ShieldOf(CacheKey key) => shields.Region is not { } region ? null : new(region, [.. shields.NodesFor(region, key).Select(row => row.Node)]);

    private static string? SettingOf(NamedReason reason, string? route, CachePolicy? policy) =>
        reason.Setting?.Replace("{policy}", policy?.Name, StringComparison.Ordinal).Replace("{route}", route, StringComparison.Ordinal);
}
