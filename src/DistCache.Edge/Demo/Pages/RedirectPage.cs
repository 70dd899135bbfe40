using Microsoft.AspNetCore.Http;

namespace DistCache.Edge.Demo.Pages;

internal sealed class RedirectPage() : DemoPage("/redirect", "A redirect")
{
    public override string Explanation => "Status 302 to <code>/fresh</code> with <code>max-age=60</code>. With explicit freshness a redirect is stored like a page.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("curl -i {url}", "twice: 302 from memory, <code>Location</code> unchanged"),
    ];

    public override Task AnswerAsync(DemoVisit visit)
    {
        visit.Response.StatusCode = StatusCodes.Status302Found;
        visit.Response.Headers.Location = "/fresh";
        visit.CacheControl("max-age=60");
        return visit.WritePageAsync();
    }
}
