using System.Globalization;
using System.Text;
using DistCache.Semantics.Freshness;
using DistCache.Semantics.Reuse;
using DistCache.Semantics.Storing;
using DistCache.Storage.Responses;

namespace DistCache.Proxy.Hops;

/// <summary>
/// Surrogate-Control is for the cache that the origin speaks to, and is not stored (rule 9); a node behind that cache has to hear it all the same, or it would
/// believe a Cache-Control that is for browsers. What it said is written anew from what it came to.
/// </summary>
internal static class SurrogateControl
{
    /// <summary>Null: the stored fields alone come to the same.</summary>
    public static string? Of(StoredResponse stored, CachingOptions options)
    {
        var said = stored.Reuse;
        var facts = ResponseFacts.Read(stored.Status, stored.Fields, BodyFraming.Framed, stored.Date, options);
        var read = ReuseFacts.Of(facts, said.InitialAge, options);
        // Lifetimes are not compared: each node may take a little off, that not all ask at once.
        if (read.LifetimeSource == said.LifetimeSource && read.NoCache == said.NoCache && read.ForbidsStale == said.ForbidsStale
            && read.StaleWhileRevalidate == said.StaleWhileRevalidate && read.StaleIfError == said.StaleIfError && !facts.Directives.NoStore)
            return null;
        var text = new StringBuilder().Append("max-age=").Append(Seconds(said.Lifetime));
        if (said.NoCache)
            text.Append(", no-cache");
        if (said.ForbidsStale)
            text.Append(", must-revalidate");
        text.Append(", stale-while-revalidate=").Append(Seconds(said.StaleWhileRevalidate)).Append(", stale-if-error=").Append(Seconds(said.StaleIfError));
        return text.ToString();
    }

    private static string Seconds(TimeSpan time) => ((long)Math.Floor(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
