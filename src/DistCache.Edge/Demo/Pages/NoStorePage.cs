namespace DistCache.Edge.Demo.Pages;

internal sealed class NoStorePage() : DemoPage("/no-store", "Never stored")
{
    public override string Explanation => "<code>Cache-Control: no-store</code>. Nobody keeps it, neither the edge nor your browser.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("curl -i {url}", "the time above is always now"),
    ];

    public override Task AnswerAsync(DemoVisit visit)
    {
        visit.CacheControl("no-store");
        return visit.WritePageAsync();
    }
}
