using DistCache.Proxy.Delivery;
using DistCache.Proxy.Fills;
using DistCache.Semantics.Fields;
using DistCache.Storage.Responses;
using DistCache.Storage.Shared;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Hops;

/// <summary>Makes of an answer to a client the answer to a node: what it is as of, and the fields that only caches may see. One that is true for no place that this log remembers is not sealed, and of no use to a node.</summary>
internal sealed class HopSeal(IStampClock stamps)
{
    public void Set(HttpContext context, Hop hop, StoredResponse stored)
    {
        var headers = context.Response.Headers;
        if (!TrySet(headers, hop, stored.AsOf))
            return;
        SetForCachesOnly(headers, stored.Fields);
    }

    public void Set(IHeaderDictionary headers, Hop hop, FillOutcome.Private answer)
    {
        if (TrySet(headers, hop, answer.AsOf))
            SetForCachesOnly(headers, answer.Fields);
    }

    /// <summary>Passed on from an exchange with the origin that began after the request came: it is true for all that the asker knew.</summary>
    public static void SetPassed(IHeaderDictionary headers, Hop hop) => Set(headers, hop, hop.Stamp);

    private bool TrySet(IHeaderDictionary headers, Hop hop, long asOf)
    {
        if (stamps.StampOf(asOf) is not { } stamp)
            return false;
        Set(headers, hop, stamp);
        return true;
    }

    private static void Set(IHeaderDictionary headers, Hop hop, in Stamp stamp) => headers[Hop.Field] = HopAnswer.Write(hop, stamp);

    private static void SetForCachesOnly(IHeaderDictionary headers, FieldList fields)
    {
        foreach (var field in fields)
            if (ResponseHead.IsForCachesOnly(field.Name))
                headers.Append(field.Name, field.Value);
    }
}
