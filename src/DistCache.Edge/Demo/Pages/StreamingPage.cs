using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace DistCache.Edge.Demo.Pages;

/// <summary>Ten pieces, half a second apart, without a Content-Length.</summary>
internal sealed class StreamingPage() : DemoPage("/streaming", "A page that comes in pieces")
{
    public const int Pieces = 10;
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public override string Explanation =>
        "The origin writes a line every half second, for five seconds. The edge hands each on as it comes, and a reader who arrives later gets what is there at once and the rest in step. Then the whole page is fresh for half a minute.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("curl -iN {url}", "lines as they are written; start a second one in another window meanwhile, then a third after the end"),
    ];

    public override async Task AnswerAsync(DemoVisit visit)
    {
        visit.CacheControl("max-age=30");
        visit.Announce("text/html; charset=utf-8");
        if (HttpMethods.IsHead(visit.Request.Method))
            return;
        await WriteAsync(visit, $"{DemoHtml.Start(Title)}<h1>{DemoHtml.Text(Title)}</h1>\n<p>{Explanation}</p>\n<ul class=\"list\">\n");
        for (var piece = 1; piece <= Pieces; piece++)
        {
            await Task.Delay(Pause, visit.Time, visit.Aborted);
            await WriteAsync(visit, string.Create(CultureInfo.InvariantCulture, $"<li>piece {piece} of {Pieces}, written at {visit.Time.GetUtcNow():HH:mm:ss.f}</li>\n"));
        }

        await WriteAsync(visit, $"</ul>\n<footer><a href=\"/\">All pages of the demo</a></footer>\n{DemoHtml.End}");
    }

    private static async Task WriteAsync(DemoVisit visit, string html)
    {
        await visit.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(html), visit.Aborted);
        await visit.Response.Body.FlushAsync(visit.Aborted);
    }
}
