using System.Globalization;

namespace DistCache.Edge.Demo.Pages;

internal sealed class FreshPage() : DemoPage("/fresh", "Fresh for a minute")
{
    public override string Explanation =>
        "<code>Cache-Control: max-age=60</code>. For a minute the edge answers everybody from memory; after that the next request goes to the origin.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("curl -i {url}", "twice: <code>Cache-Status</code> turns to <code>hit</code>, <code>Age</code> counts the seconds, the time above stands still"),
        new("""curl -i -H "If-None-Match: $(curl -sI {url} | tr -d '\r' | sed -n 's/^etag: //Ip')" {url}""", "the edge itself answers 304: you have this version already"),
    ];

    public override Task AnswerAsync(DemoVisit visit)
    {
        visit.CacheControl("max-age=60");
        visit.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"fresh-{visit.Now.ToUnixTimeMilliseconds()}-{visit.Number}\"");
        return visit.WritePageAsync();
    }
}
