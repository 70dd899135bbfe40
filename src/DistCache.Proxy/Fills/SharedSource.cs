using DistCache.Proxy.Delivery;
using DistCache.Proxy.Keys;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Responses;
using DistCache.Storage.Shared;

namespace DistCache.Proxy.Fills;

/// <summary>
/// Asks the shared tier for a fill, before the origin. What is found is judged as if it stood in memory: purges by what it is as of, Vary by
/// its own names and values, reuse by its age, which has gone on. Where nothing is found, one node of the region fetches it and the others
/// wait, within a bound.
/// </summary>
internal sealed class SharedSource(SharedTier tier, FillServices services)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    public SharedTier Tier => tier;

    public async Task<SharedFind> AskAsync(FillRequest request, CancellationToken cancel)
    {
        var start = services.Time.GetTimestamp();
        var query = QueryOf(request);
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var replaces = false;
            var answer = await tier.FindAsync(query);
            if (answer is SharedAnswer.Found found)
            {
                if (await UseAsync(request, found) is { } use)
                    return use;
                replaces = found.Body.IsBroken;
                answer = query.WantsLease ? await tier.TakeLeaseAsync(found, request.AsOf) : new SharedAnswer.Missing(null, IsRejected: false);
            }
            switch (answer)
            {
                case SharedAnswer.Missing missing:
                    return new SharedFind.Origin(missing.Lease, replaces || missing.IsRejected);
                case SharedAnswer.Changed when services.Time.GetElapsedTime(start) < tier.Options.LeasePatience:
                    break;
                // A purge has overtaken what the holder fetches: it would be nothing to us.
                case SharedAnswer.Held held when query.WantsLease && IsWorthWaiting(request, held) && services.Time.GetElapsedTime(start) < tier.Options.LeasePatience:
                    await Task.Delay(pause, services.Time, cancel);
                    break;
                default:
                    return new SharedFind.Origin(null, replaces);
            }
        }
    }

    /// <summary>A fresh copy whose body is in chunks and longer than that; null: there is none. The caller owns its empty body, and begins with the chunks.</summary>
    public async ValueTask<SharedFind.Fresh?> FindFreshAsync(FillRequest request, long longerThan)
    {
        if (await tier.FindAsync(QueryOf(request)) is not SharedAnswer.Found found || found.Body.Place.IsInline || found.Body.Place.Length <= longerThan)
            return null;
        var (copy, decision, _) = Judge(request, found);
        if (decision is ReuseDecision.Serve)
            return new(copy!, found.Body);
        copy?.Body.Release();
        return null;
    }

    /// <summary>What it holds for a request, and what the rules say of that. Nothing is taken: no body, no lease, and nobody waits for another.</summary>
    public async ValueTask<(SharedAnswer Answer, StoredResponse? Copy, ReuseDecision Decision, ReuseFacts Reuse)> LookAsync(FillRequest request)
    {
        var answer = await tier.FindAsync(QueryOf(request with { Shared = SharedUse.Read }));
        if (answer is not SharedAnswer.Found found)
            return (answer, null, default, default);
        var (copy, decision, reuse) = Judge(request, found);
        copy?.Body.Release();
        return (answer, copy, decision, reuse);
    }

    /// <summary>Tells the region of an answer, behind it.</summary>
    public void Write(StoredResponse response, bool replaces, RegionalLease? lease) =>
        tier.Writer.TryWrite(new(response, response.ViaVersion, replaces, lease));

    private bool IsWorthWaiting(FillRequest request, SharedAnswer.Held held) =>
        held.AsOf is not { } asOf || services.Purges.IsUntouched(request.Identity, asOf) || !services.Purges.Rules.WaitsOnlyForWhatCounts;

    private static SharedQuery QueryOf(FillRequest request) => new()
    {
        Key = request.Key,
        FieldOf = name => Variants.ValueOf(request.Origin.Headers, name, request.Policy.Normalizer),
        AsOf = request.AsOf,
        WantsLease = request.Shared is SharedUse.ReadAndLead,
    };

    /// <summary>Null: it is of no use to this request.</summary>
    private async ValueTask<SharedFind?> UseAsync(FillRequest request, SharedAnswer.Found found)
    {
        var (copy, decision, reuse) = Judge(request, found);
        if (copy is null)
            return null;
        if (decision is ReuseDecision.Serve && await found.Body.BeginAsync())
            return new SharedFind.Fresh(copy, found.Body);
        if (decision is not ReuseDecision.Serve && request.MayPromote && IsWorthPromoting(reuse) && await found.Body.BeginAsync() && await PromoteAsync(copy, found.Body))
            return new SharedFind.Promoted();
        copy.Body.Release();
        return null;
    }

    /// <summary>As if it stood in memory, its body still empty and the caller's. Null: another variant, or purged.</summary>
    private (StoredResponse?, ReuseDecision, ReuseFacts) Judge(FillRequest request, SharedAnswer.Found found)
    {
        // Asked now, and not when the request was looked up: the process may have slept since. The fence first, then the version (V10).
        var isFenced = request.IsFenced || services.Purges.IsFenced(services.Time.GetTimestamp(), request.Policy);
        var version = services.Purges.Version;
        var envelope = found.Envelope;
        if (!Variants.Matches(envelope.Variant, request.Origin.Headers, request.Policy.Normalizer))
            return default;
        var body = new Body(services.Memory.Pool, envelope.Body.Length, whole: true);
        var copy = envelope.ToResponse(found.Residence, services.Purges.Rules.PromotionKeepsAsOf ? found.AsOf : version, services.Time.GetTimestamp(), body);
        if (!services.Purges.MayUse(copy, version, isFenced, out var reuse))
        {
            body.Release();
            return default;
        }
        return (copy, ReuseRules.Decide(request.Facts, reuse, TimeSpan.Zero, request.Policy.Caching, out _), reuse);
    }

    private static bool IsWorthPromoting(in ReuseFacts reuse) =>
        reuse.HasValidator || (!reuse.IsSuspect && !reuse.ForbidsStale && (reuse.StaleWhileRevalidate > TimeSpan.Zero || reuse.StaleIfError > TimeSpan.Zero || reuse.StaleIfUnreachable > TimeSpan.Zero));

    /// <summary>Whole into memory. False: there is no room, or it broke off; the body is still the caller's.</summary>
    private async Task<bool> PromoteAsync(StoredResponse copy, SharedBody from)
    {
        var body = copy.Body;
        var kept = 0L;
        var hasRoom = true;
        var isStored = false;
        try
        {
            var isWhole = await from.CopyToAsync(Take, CancellationToken.None);
            if (!isWhole)
                from.Forget();
            if (!isWhole || !hasRoom)
            {
                body.Fail();
                return false;
            }
            body.Complete();
            isStored = true;
            services.Memory.Store(copy); // takes the body, also when it refuses it: then the next look finds nothing, and asks the origin
            return true;
        }
        catch when (!isStored)
        {
            body.Fail();
            body.Release();
            throw;
        }
        finally
        {
            services.Kept(kept);
        }

        ValueTask Take(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
        {
            var growth = body.GrowthFor(bytes.Length);
            hasRoom = hasRoom && services.TryKeep(growth, copy.Key.Bytes, from.Place.Length - body.Length);
            if (!hasRoom)
                return default;
            kept += growth;
            body.Append(bytes.Span);
            return default;
        }
    }
}
