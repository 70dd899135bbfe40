namespace DistCache.Edge.Demo.Pages;

internal sealed class StaleWhileRevalidatePage() : DemoPage("/stale-while-revalidate", "Stale now, fresh next time")
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public override string Explanation =>
        "<code>max-age=5, stale-while-revalidate=60</code>, and the origin takes a second to answer. Only the first visitor feels it: once the five seconds are over, the old page goes out at once while the edge fetches the new one in the background.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("curl -so /dev/null -w '%{time_total} s\\n' {url}", "the first time one second; after six seconds of waiting again at once, and the next visitor has the new page"),
    ];

    public override async Task AnswerAsync(DemoVisit visit)
    {
        await Task.Delay(Pause, visit.Time, visit.Aborted);
        visit.CacheControl("max-age=5, stale-while-revalidate=60");
        await visit.WritePageAsync();
    }
}
