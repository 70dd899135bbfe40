using Microsoft.AspNetCore.Http;

namespace DistCache.Edge.Demo.Pages;

internal sealed class FailingPage() : DemoPage("/failing", "The origin fails")
{
    public override string Explanation => "Status 500 without freshness. The edge passes it on as it is and stores nothing: the next reader gets a new chance.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("curl -i {url}", "500 each time, and <code>Demo-Request</code> grows each time"),
    ];

    public override Task AnswerAsync(DemoVisit visit)
    {
        visit.Response.StatusCode = StatusCodes.Status500InternalServerError;
        return visit.WritePageAsync();
    }
}
