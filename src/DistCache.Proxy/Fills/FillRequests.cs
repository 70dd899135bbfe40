using DistCache.Proxy.Keys;
using DistCache.Proxy.Peers;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Shields;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Fills;

/// <summary>From a look-up to what a fill is to fetch.</summary>
internal sealed class FillRequests(PurgeCheck purges, PeerSource peers, ShieldSource shields, TimeProvider time)
{
    public FillRequest For(LookUp lookUp) => For(lookUp, HttpMethods.Get);

    /// <summary>As of now: to be made before the origin is asked.</summary>
    public FillRequest For(LookUp lookUp, string method) => new()
    {
        StartedAt = time.GetTimestamp(),
        AsOf = purges.Version,
        Origin = lookUp.Detach(method),
        Identity = IdentityOf(lookUp.Context.Request),
        Facts = lookUp.Facts with { Method = method },
        Key = lookUp.Key,
        Policy = lookUp.Policy,
        Stored = lookUp.Stored,
        IsFenced = lookUp.IsFenced,
        Owner = lookUp.Hop is { } hop && peers.IsPeer(hop) ? null : peers.OwnerOf(lookUp.Key),
        Shield = shields.Region,
        // What others have stored is as suspect as what this node has: at most its validator is of use. And a fenced node waits for nobody (rule 19).
        Shared = !lookUp.IsFenced || !purges.Rules.FencedWaitsForNobody ? SharedUse.ReadAndLead : lookUp.Stored is null ? SharedUse.Read : SharedUse.None,
        MayPromote = lookUp is { Stored: null, Looks: 0 },
        // Without a stored response for this variant a 304 may still select another one (rule 34).
        Candidates = lookUp.Variants is null || lookUp is { Stored: not null, Reuse.HasValidator: false }
            ? []
            : Validation.Candidates(purges.Validatable(lookUp.Variants, lookUp.IsFenced), lookUp.Stored),
    };

    /// <summary>Requests of other variants get fills of their own where a Vary is already known.</summary>
    public static CacheKey KeyOf(LookUp lookUp)
    {
        if (lookUp.Variants is not { } variants || variants.Responses[0].Variant.Names.Length == 0)
            return lookUp.Key;
        return FillKeys.With(lookUp.Key, Variants.Of(variants.Responses[0].Variant.Names, lookUp.Context.Request.Headers, lookUp.Policy.Normalizer));
    }

    /// <summary>The same from what that fill has brought: its answer names the fields that others must match.</summary>
    public static CacheKey KeyOf(LookUp lookUp, Fill fill)
    {
        var response = fill.Outcome is not { IsCompletedSuccessfully: true } outcome ? null : outcome.Result switch
        {
            FillOutcome.Shared shared => shared.Response,
            FillOutcome.FromSharedTier found => found.Response,
            FillOutcome.Freshened freshened => freshened.Response,
            _ => null,
        };
        return response is null || response.Variant.Names.Length == 0
            ? KeyOf(lookUp)
            : FillKeys.With(lookUp.Key, Variants.Of(response.Variant.Names, lookUp.Context.Request.Headers, lookUp.Policy.Normalizer));
    }

    private static PurgeIdentity IdentityOf(HttpRequest request) =>
        PurgeIdentity.Of(request.Scheme, request.Host.Value!, request.Path.Value + request.QueryString.Value, tags: []);
}
