using DistCache.Proxy.Delivery;
using DistCache.Proxy.Keys;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Purging;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Semantics.Storing;
using DistCache.Storage.Bodies;
using DistCache.Storage.Responses;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Fills;

/// <summary>From an origin's head to a stored response.</summary>
internal static class Responses
{
    public static StoredResponse Make(FillRequest request, ResponseFacts facts, TimeSpan initialAge, OriginHead head, Body body, FillServices services, long? askedAt = null)
    {
        return new()
        {
            Key = request.Key,
            Variant = Variants.Of(SelectedBy(facts, request.Origin.Headers), request.Origin.Headers, request.Policy.Normalizer),
            Status = head.Status,
            ReasonPhrase = head.ReasonPhrase,
            ViaVersion = head.ViaVersion,
            Fields = StoredFields.From(facts, request.Policy.Caching),
            Reuse = request.Policy.Jittered(ReuseFacts.Of(facts, initialAge, request.Policy.Caching)),
            ETag = facts.ETag,
            LastModified = facts.LastModified,
            Date = facts.Date,
            ReceivedAt = services.Time.GetTimestamp(),
            AskedAt = askedAt,
            Identity = request.Identity with { Tags = request.Policy.WithTags(CacheTags.Of(facts.Fields)) },
            AsOf = services.Purges.AsOfAnswer(request.AsOf),
            Body = body,
        };
    }

    /// <summary>What of an answer is its asker's alone; but no cookie where look-ups send none, for it would end the session that the client has.</summary>
    public static FieldList? PrivateFields(FillRequest request, ResponseFacts facts, CachingOptions options) =>
        StoredFields.Private(facts, options, withCookies: !request.Policy.Normalizer.IsRemoved("cookie"));

    /// <summary>
    /// What Vary names; and Origin, named or not, where Access-Control-Allow-Origin gives it back: one site's permission must not answer
    /// another site. The Fetch standard asks such an origin for <c>Vary: Origin</c> ("CORS protocol and HTTP caches"), many forget it.
    /// </summary>
    private static IReadOnlyList<string> SelectedBy(ResponseFacts facts, IHeaderDictionary request)
    {
        var names = facts.Vary.Names;
        return ReflectsOrigin(facts, request) && !names.Contains("origin") ? [.. names.Append("origin").Order(StringComparer.Ordinal)] : names;
    }

    private static bool ReflectsOrigin(ResponseFacts facts, IHeaderDictionary request)
    {
        if (request.Origin.Count == 0)
            return false;
        foreach (var allowed in facts.Fields.Lines("Access-Control-Allow-Origin"))
            if (allowed.Trim().Equals(request.Origin.ToString().Trim(), StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    /// <summary>What the origin was told of the client's address is not in the client's own fields, where variants are compared.</summary>
    public static bool VariesOnClientAddress(ResponseFacts facts)
    {
        foreach (var name in facts.Vary.Names)
            if (name is "x-forwarded-for" or "forwarded" or "via")
                return true;
        return false;
    }
}
