using DistCache.Semantics.Fields;
using DistCache.Semantics.Freshness;
using DistCache.Semantics.Uris;

namespace DistCache.Semantics.Storing;

/// <summary>RFC 9111 §3, RFC 9110 §9.3.3: may a shared cache store this response to this request? Rules 10-18.</summary>
/// <remarks>Whether the body came whole is known only at its end: the fill asks that, not this.</remarks>
public static class StorageRules
{
    /// <param name="targetUri">Absolute target URI, for POST with Content-Location (rule 10).</param>
    public static StorageDecision Decide(in RequestFacts request, ResponseFacts response, string targetUri, CachingOptions options)
    {
        var refusal = RefusalByMethod(request.Method, response, targetUri)
            ?? RefusalByStatus(response)
            ?? RefusalByDirective(request, response, options)
            ?? RefusalByField(request, response, options);
        return refusal ?? ByFreshness(request.Method, response, options);
    }

    // A HEAD answer never creates a body: it freshens or invalidates a stored GET (HeadFreshening).
    private static StorageDecision? RefusalByMethod(string method, ResponseFacts response, string targetUri) => method switch
    {
        "GET" => null,
        "POST" => NamesTarget(response, targetUri) ? null : StorageDecision.ContentLocation,
        _ => StorageDecision.Method,
    };

    private static StorageDecision? RefusalByStatus(ResponseFacts response) => response.Status switch
    {
        206 => StorageDecision.Partial,
        304 or < 200 or > 599 => StorageDecision.Status,
        _ => null,
    };

    private static StorageDecision? RefusalByDirective(in RequestFacts request, ResponseFacts response, CachingOptions options)
    {
        var directives = response.Directives;
        if (directives.MustUnderstand && !Statuses.IsUnderstood(response.Status))
            return StorageDecision.MustUnderstand;
        if (directives.NoStore && !directives.MustUnderstand)
            return StorageDecision.NoStore;
        if (request.Directives.NoStore && options.HonourRequestDirectives)
            return StorageDecision.RequestNoStore;
        if (directives.Private)
            return StorageDecision.Private;
        // §3.5: an invalid s-maxage permits nothing.
        var permitsAuthorized = directives.Public || directives.MustRevalidate || (directives.SMaxAge is not null && !directives.HasInvalidLifetime);
        return request.HasAuthorization && !permitsAuthorized ? StorageDecision.Authorization : null;
    }

    private static StorageDecision? RefusalByField(in RequestFacts request, ResponseFacts response, CachingOptions options)
    {
        if (response.Vary.IsStar)
            return StorageDecision.VaryStar;
        if (options.SetCookie == SetCookieHandling.Refuse && response.Fields.Has(FieldNames.SetCookie))
            return StorageDecision.SetCookie;
        return response.Framing == BodyFraming.CloseDelimited ? StorageDecision.CloseDelimited : null;
    }

    private static StorageDecision ByFreshness(string method, ResponseFacts response, CachingOptions options)
    {
        var lifetime = FreshnessLifetime.Of(response, options);
        var hasValidator = response.ETag is not null || response.LastModified is not null;
        if (method == "POST" && !lifetime.IsExplicit)
            return StorageDecision.NoFreshness;
        if (lifetime.Value > TimeSpan.Zero || (lifetime.IsExplicit && (hasValidator || MayBeServedStale(response, options))))
            return StorageDecision.Store;
        // no-cache says by itself what to do with it: store, and validate each time (rule 22).
        return hasValidator && (options.StoreForValidation || response.Directives.NoCache) && MayStoreWithoutFreshness(response, options)
            ? StorageDecision.StoreForValidation
            : StorageDecision.NoFreshness;
    }

    // Stale from birth, nothing to validate it by and nobody who may have it stale: it would only take room, and make a crowd queue for it.
    private static bool MayBeServedStale(ResponseFacts response, CachingOptions options) =>
        options.HonourRequestDirectives
        || options.StaleIfUnreachable > TimeSpan.Zero
        || (response.Directives.StaleWhileRevalidate ?? options.StaleWhileRevalidate) > TimeSpan.Zero
        || (response.Directives.StaleIfError ?? options.StaleIfError) > TimeSpan.Zero;

    // §3, last condition: without explicit freshness only public or a heuristically cacheable status may be stored at all.
    private static bool MayStoreWithoutFreshness(ResponseFacts response, CachingOptions options) =>
        (response.Directives.Public || Statuses.IsHeuristicallyCacheable(response.Status))
        && !(options.Preset == Preset.Safe && Statuses.IsPoisonProne(response.Status));

    private static bool NamesTarget(ResponseFacts response, string targetUri)
    {
        if (response.Fields.Single(FieldNames.ContentLocation) is not { } location)
            return false;
        var target = UriReference.Split(targetUri);
        return target.Resolve(UriReference.Split(location)).IsSameAs(target);
    }
}
