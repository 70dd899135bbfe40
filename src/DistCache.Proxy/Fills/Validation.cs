using DistCache.Semantics.Fields;
using DistCache.Semantics.Validation;
using DistCache.Storage.Responses;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Fills;

/// <summary>Our own conditions to the origin, and what its 304 confirms (RFC 9111 §4.3.1, §4.3.4).</summary>
internal static class Validation
{
    /// <summary>The same responses, the one that the request selects first.</summary>
    public static StoredResponse[] Candidates(StoredResponse[] validatable, StoredResponse? selected) =>
        selected is null ? validatable : [.. validatable.OrderByDescending(response => response == selected)];

    /// <summary>Replaces the client's conditions by ours (rule 34).</summary>
    public static void Ask(IHeaderDictionary request, StoredResponse[] candidates)
    {
        var conditions = ConditionalFields.For(Validators(candidates));
        request.IfNoneMatch = conditions.IfNoneMatch;
        request.IfModifiedSince = conditions.IfModifiedSince;
    }

    /// <summary>The one that a 304 confirms, or null.</summary>
    public static StoredResponse? Select(StoredResponse[] candidates, FieldList notModified)
    {
        var index = Freshening.Select(Validators(candidates), notModified);
        return index < 0 ? null : candidates[index];
    }

    private static (EntityTag?, string?)[] Validators(StoredResponse[] candidates) =>
        [.. candidates.Select(response => (response.ETag, response.Fields.First("Last-Modified")))];
}
