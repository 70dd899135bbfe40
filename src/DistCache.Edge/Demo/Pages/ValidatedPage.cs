using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DistCache.Edge.Demo.Pages;

/// <summary>One version per minute. <c>max-age</c> beside <c>no-cache</c>: explicit freshness lets it be stored, no-cache has it validated each time.</summary>
internal sealed class ValidatedPage() : DemoPage("/validated", "Validated every time")
{
    public override string Explanation =>
        "<code>no-cache</code> with an <code>ETag</code>: it may be stored, but each request is first confirmed by the origin, which answers a short 304 while the version is the same. The version changes with every minute of the clock.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("curl -i {url}", "twice within a minute: <code>Demo-Request</code> grows, as the origin is asked, but the time above stands still, as it said 304"),
    ];

    public override Task AnswerAsync(DemoVisit visit)
    {
        var version = visit.Now.ToUnixTimeSeconds() / 60;
        var tag = new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"minute-{version}\""));
        visit.CacheControl("no-cache, max-age=60");
        visit.Response.GetTypedHeaders().ETag = tag;
        if (visit.Request.GetTypedHeaders().IfNoneMatch.Any(sent => sent.Tag == "*" || sent.Compare(tag, useStrongComparison: false)))
        {
            visit.Response.StatusCode = StatusCodes.Status304NotModified;
            visit.Announce(contentType: null);
            return Task.CompletedTask;
        }

        return visit.WritePageAsync();
    }
}
