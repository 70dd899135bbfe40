using DistCache.Proxy.Origins;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Freshness;
using DistCache.Semantics.Storing;
using DistCache.Semantics.Validation;
using DistCache.Storage.Responses;

namespace DistCache.Proxy.Fills;

/// <summary>What a 304 (RFC 9111 §4.3.4) or the answer to a HEAD (§4.3.5) makes of a stored response: a new one on the same body.</summary>
internal static class Confirmation
{
    /// <param name="request">Its as-of becomes that of the new response.</param>
    /// <param name="decision">Whether its fields still allow to keep it.</param>
    public static StoredResponse Apply(FillRequest request, StoredResponse stored, OriginHead confirming, DateTimeOffset askedAt, FillServices services, out StorageDecision decision)
    {
        var now = services.Time.GetUtcNow();
        var options = request.Policy.Caching;
        var read = ResponseFacts.Read(confirming.Status, confirming.Fields, BodyFraming.Framed, now, options);
        var fields = Freshening.Apply(stored.Fields, read, options.UpdatesContentType);
        // Age is not stored; that of the confirming answer counts for it (§4.2.3).
        var facts = ResponseFacts.Read(stored.Status, WithAgeOf(confirming.Fields, fields), BodyFraming.Framed, now, options);
        var head = new OriginHead(stored.Status, stored.ReasonPhrase, fields, BodyFraming.Framed, stored.Body.Length, confirming.ViaVersion);
        decision = StorageRules.Decide(request.Facts with { Method = "GET" }, facts, request.Origin.TargetUri, options);
        return Responses.Make(request, facts, CurrentAge.Initial(facts, askedAt, now), head, stored.Body, services, request.StartedAt);
    }

    /// <summary>Our deviation from RFC 9111 §3.2 (rule 36) is about what is stored: a cookie that comes with a 304 still reaches whom it is for.</summary>
    public static FieldList? PrivateFields(FillRequest request, OriginHead confirming, FillServices services)
    {
        var options = request.Policy.Caching with { SetCookie = SetCookieHandling.StoreWithout };
        return Responses.PrivateFields(request, ResponseFacts.Read(confirming.Status, confirming.Fields, BodyFraming.Framed, services.Time.GetUtcNow(), options), options);
    }

    private static FieldList WithAgeOf(FieldList source, FieldList fields) =>
        source.First("Age") is { } age ? new(fields.Append(new Field("Age", age))) : fields;
}
