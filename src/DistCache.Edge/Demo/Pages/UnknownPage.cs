using Microsoft.AspNetCore.Http;

namespace DistCache.Edge.Demo.Pages;

/// <summary>Every path that the demo does not have, without freshness: a guess must not fill the cache.</summary>
internal sealed class UnknownPage() : DemoPage("/*", "There is no such page")
{
    public override string Explanation => "The demo has no page of this name.";

    public override IReadOnlyList<Watch> Watches => [];

    public override Task AnswerAsync(DemoVisit visit)
    {
        visit.Response.StatusCode = StatusCodes.Status404NotFound;
        return visit.WritePageAsync();
    }
}
