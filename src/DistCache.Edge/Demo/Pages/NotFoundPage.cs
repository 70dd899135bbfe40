using Microsoft.AspNetCore.Http;

namespace DistCache.Edge.Demo.Pages;

internal sealed class NotFoundPage() : DemoPage("/not-found", "Not there, and known not to be")
{
    public override string Explanation => "Status 404 with <code>max-age=10</code>. The origin says how long the edge may answer \"not found\" by itself.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("curl -i {url}", "twice: the second 404 is a <code>hit</code>, for ten seconds"),
    ];

    public override Task AnswerAsync(DemoVisit visit)
    {
        visit.Response.StatusCode = StatusCodes.Status404NotFound;
        visit.CacheControl("max-age=10");
        return visit.WritePageAsync();
    }
}
