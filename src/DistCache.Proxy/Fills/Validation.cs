using DistCache.Semantics.Fields;
using DistCache.Semantics.Validation;
using DistCache.Storage.Responses;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Fills;

/// <summary>Our own conditions to the origin, and what its 304 confirms (RFC 9111 §4.3.1, §4.3.4).</summary>
internal static class Validation
{
    /// <summary>
    /// The one that the request selects first. Of other variants only those with a strong tag: Last-Modified and weak tags need not tell
    /// variants apart (RFC 9110 §8.8.3), and a 304 to them would give one user's variant to another.
    /// </summary>
    public static StoredResponse[] Candidates(StoredResponse[] validatable, StoredResponse? selected) =>
        [.. validatable.Where(response => response == selected || MayBeOfAnother(response)).OrderByDescending(response => response == selected)];

    /// <summary>The same request, made anew of what is stored now in the places of what it was made of; null: nothing is.</summary>
    public static FillRequest? Again(FillRequest request, FillServices services)
    {
        if (services.Memory.Find(request.Key) is not { } variants)
            return null;
        var selected = request.Stored is { } stored ? Array.Find(variants.Responses.ToArray(), response => response.Variant.Equals(stored.Variant)) : null;
        return request with { Stored = selected, Candidates = Candidates(services.Purges.Validatable(variants, request.IsFenced), selected) };
    }

    /// <summary>
    /// Another variant's tag may be confirmed for this request only if it is strong, and never where variants are people or sites: an
    /// origin that tags by template and not by content would hand one user's page, or one site's permission to read it, to the next.
    /// </summary>
    private static bool MayBeOfAnother(StoredResponse response) =>
        response.ETag is { IsWeak: false } && !response.Variant.Names.Any(name => name is "cookie" or "authorization" or "origin");

    /// <summary>Replaces the client's conditions by ours (rule 34). If-Modified-Since speaks of the selected response alone (RFC 9111 §4.3.1).</summary>
    public static void Ask(IHeaderDictionary request, StoredResponse[] candidates, StoredResponse? selected)
    {
        var conditions = ConditionalFields.For(Validators(candidates));
        request.IfNoneMatch = conditions.IfNoneMatch;
        request.IfModifiedSince = candidates[0] == selected ? conditions.IfModifiedSince : null;
    }

    /// <summary>The one that a 304 confirms, or null. One of another variant it must name by its strong tag.</summary>
    public static StoredResponse? Select(StoredResponse[] candidates, StoredResponse? selected, FieldList notModified)
    {
        var index = Freshening.Select(Validators(candidates), notModified);
        if (index < 0)
            return null;
        var confirmed = candidates[index];
        return confirmed == selected || (EntityTag.TryParse(notModified.Single("ETag"), out var tag) && confirmed.ETag?.StrongEquals(tag) is true) ? confirmed : null;
    }

    private static (EntityTag?, string?)[] Validators(StoredResponse[] candidates) =>
        [.. candidates.Select(response => (response.ETag, response.Fields.First("Last-Modified")))];
}
