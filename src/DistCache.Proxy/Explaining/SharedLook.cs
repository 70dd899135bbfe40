using DistCache.Proxy.Fills;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Shared;

namespace DistCache.Proxy.Explaining;

/// <summary>What the shared tier would answer to a fill, in words.</summary>
internal static class SharedLook
{
    public static async ValueTask<ExplainedShared?> AtAsync(SharedSource? shared, FillRequest request, bool isHead)
    {
        if (shared is null)
            return null;
        if (isHead)
            return new("not-asked", "HEAD is not answered from it.");
        if (request.Shared is SharedUse.None)
            return new("not-asked", "This node holds no lease: what others have stored is as suspect as what it has itself, which has a validator already.");
        if (!shared.Tier.IsAvailable)
            return new("unavailable", "It is not asked at present: it was too slow or is gone, or the purge log is not known yet. GET /healthz says more.");
        var (answer, copy, decision, reuse) = await shared.LookAsync(request);
        var (word, because) = answer switch
        {
            SharedAnswer.Found when copy is null => ("unusable", "What it holds is of another variant, was purged, or may have been purged while this node holds no lease."),
            SharedAnswer.Found when decision is ReuseDecision.Serve => ("fresh", "It holds a fresh copy, which answers."),
            SharedAnswer.Found => ("stale", "It holds a copy that the origin must confirm first."),
            SharedAnswer.Missing { IsRejected: true } => ("rejected", "What it holds is damaged, or not of this purge log's history; it will be replaced."),
            SharedAnswer.Missing => ("missing", "It holds nothing for this request."),
            SharedAnswer.Held => ("held", "Another node of the region is fetching it: a request would wait a little for that."),
            SharedAnswer.Uncacheable => ("uncacheable", "What the region was answered last could not be shared."),
            _ => ("unavailable", $"It did not answer within {shared.Tier.Options.Budget.TotalMilliseconds:0} ms (DistCache:Shared:Budget)."),
        };
        return new(word, because, copy is null ? null : Description.Of(copy.Status, copy.Fields, reuse, TimeSpan.Zero, copy.Identity.Tags, 1, request.Policy, ((SharedAnswer.Found)answer).Envelope.Body.Length));
    }
}
