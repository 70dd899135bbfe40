using DistCache.Proxy.Delivery;
using DistCache.Semantics.Fields;
using DistCache.Storage.Shared;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Hops;

/// <summary>Makes of an answer to a client the answer to a node: what it is as of, and the fields that only caches may see.</summary>
internal sealed class HopSeal(IStampClock stamps)
{
    /// <param name="asOf">In this node's own count. What it stands for may lie before what this log remembers: then it is not sealed, and of no use to a node.</param>
    /// <param name="fields">All of the response's.</param>
    public void Set(IHeaderDictionary headers, Hop hop, long asOf, FieldList fields)
    {
        if (stamps.StampOf(asOf) is not { } stamp)
            return;
        Set(headers, hop, stamp);
        foreach (var field in fields)
            if (ResponseHead.IsForCachesOnly(field.Name))
                headers.Append(field.Name, field.Value);
    }

    /// <summary>Passed on from an exchange with the origin that began after the request came: it is true for all that the asker knew.</summary>
    public static void SetPassed(IHeaderDictionary headers, Hop hop) => Set(headers, hop, hop.Stamp);

    private static void Set(IHeaderDictionary headers, Hop hop, in Stamp stamp) => headers[Hop.Field] = HopAnswer.Write(hop, stamp);
}
