using DistCache.Proxy.Origins;
using DistCache.Semantics.Storing;

namespace DistCache.Proxy.Fills;

/// <summary>May the answer to a fill be stored: the rules of RFC 9111, then what only this cache knows.</summary>
internal static class StoreCheck
{
    public const string TooLarge = "too-large";

    /// <summary>The named reason, kebab-case; null: it may be stored, when its body comes whole.</summary>
    /// <param name="mostBytes">Of a body.</param>
    public static string? ReasonNotTo(FillRequest request, OriginHead head, ResponseFacts facts, long mostBytes)
    {
        if (head.AnswersHead)
            return "head";
        var decision = StorageRules.Decide(request.Facts, facts, request.Origin.TargetUri, request.Policy.Caching);
        if (!decision.MayStore())
            return decision.Reason();
        // Rule 38: it must not take the place of what may hide it.
        if (head.Status is 500 or 502 or 503 or 504 && request.Stored?.Reuse is { ForbidsStale: false } stored && stored.StaleIfError > TimeSpan.Zero)
            return "validation-failed";
        if (head.ContentLength > mostBytes)
            return TooLarge;
        return Responses.VariesOnClientAddress(facts) ? "vary-on-client-address" : null;
    }
}
