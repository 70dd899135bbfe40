namespace DistCache.Edge.Demo.Pages;

internal sealed class PrivatePage() : DemoPage("/private", "For one reader only")
{
    public override string Explanation =>
        "<code>Cache-Control: private, max-age=60</code>. Your browser may keep it; a cache that others use as well must not.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("curl -i {url}", "as often as you like: never a <code>hit</code>, <code>Demo-Request</code> grows each time"),
    ];

    public override Task AnswerAsync(DemoVisit visit)
    {
        visit.CacheControl("private, max-age=60");
        return visit.WritePageAsync();
    }
}
