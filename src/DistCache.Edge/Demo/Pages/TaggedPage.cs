namespace DistCache.Edge.Demo.Pages;

internal sealed class TaggedPage() : DemoPage("/tagged", "Labelled for a purge")
{
    public override string Explanation =>
        "<code>Surrogate-Key</code> and <code>Cache-Tag</code> label the page <code>demo</code> and <code>demo-tagged</code>. A purge by tag reaches every response that carries it, whatever its URL. Labels are for caches, not for readers.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("curl -i {url}", "an hour of freshness, which only a purge ends early"),
    ];

    public override Task AnswerAsync(DemoVisit visit)
    {
        visit.CacheControl("max-age=3600");
        visit.Response.Headers["Surrogate-Key"] = "demo demo-tagged";
        visit.Response.Headers["Cache-Tag"] = "demo,demo-tagged";
        return visit.WritePageAsync();
    }
}
