namespace DistCache.Edge.Demo.Pages;

internal sealed class SlowPage() : DemoPage("/slow", "Slow, and asked for by many")
{
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public override string Explanation =>
        "The origin takes two seconds; the page is fresh for ten. However many readers come in these two seconds, the origin is asked once: the others wait for the same answer.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("for i in 1 2 3 4 5; do curl -si {url} | sed -n '/^demo-request/Ip;/^cache-status/Ip' & done; wait", "five readers at once, one <code>Demo-Request</code> number, all after two seconds"),
    ];

    public override async Task AnswerAsync(DemoVisit visit)
    {
        await Task.Delay(Pause, visit.Time, visit.Aborted);
        visit.CacheControl("max-age=10");
        await visit.WritePageAsync();
    }
}
