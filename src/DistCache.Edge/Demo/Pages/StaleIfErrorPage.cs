using Microsoft.AspNetCore.Http;

namespace DistCache.Edge.Demo.Pages;

internal sealed class StaleIfErrorPage() : DemoPage("/stale-if-error", "The origin fails, the page stays")
{
    public override string Explanation =>
        "<code>max-age=5, stale-if-error=60</code>, and the origin answers every second request with 503. Visitors see no failure: for a minute the edge serves the page that it has.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("for i in 1 2 3 4; do curl -si {url} | sed -n '1p;/^cache-status/Ip'; sleep 6; done", "the status stays 200; <code>Cache-Status</code> tells when the origin failed"),
    ];

    public override Task AnswerAsync(DemoVisit visit)
    {
        if (visit.Number % 2 == 0)
            visit.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        else
            visit.CacheControl("max-age=5, stale-if-error=60");
        return visit.WritePageAsync();
    }
}
