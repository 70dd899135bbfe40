using System.Globalization;
using System.Text;

namespace DistCache.Edge.Demo.Pages;

/// <summary>The way in. Not stored: it shows the host that this client used.</summary>
internal sealed class IndexPage(IReadOnlyList<DemoPage> pages) : DemoPage("/", "A site to try the cache on")
{
    public override string Explanation =>
        "This site is built into DistCache.Edge and stands behind it like any other origin. Each page below shows one behaviour. " +
        "It goes away as soon as you name a site of your own: <code>--origin http://127.0.0.1:5000</code>.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("curl -i {url}/fresh", "twice: the second answer comes from memory, <code>Cache-Status</code> says <code>hit</code> and <code>Age</code> grows"),
        new("curl -sI {url}/fresh", "only the fields: status, <code>ETag</code>, <code>Cache-Control</code>, <code>Demo-Request</code>"),
    ];

    public override Task AnswerAsync(DemoVisit visit)
    {
        visit.CacheControl("no-store");
        var html = new StringBuilder("<ul class=\"list\">\n");
        foreach (var page in pages)
            html.Append(CultureInfo.InvariantCulture, $"<li><a href=\"{page.Path}\">{DemoHtml.Text(page.Title)}</a> <code>{page.Path}</code><span>{page.Explanation}</span></li>\n");
        return visit.WritePageAsync(html.Append("</ul>\n").Append(Fields).ToString());
    }

    private const string Fields =
        """
        <h2>Fields that tell the story</h2>
        <table>
        <tr><td><code>Cache-Status</code></td><td>what the edge did: <code>hit</code>, or <code>fwd=</code> and why it asked the origin (RFC 9211)</td></tr>
        <tr><td><code>Age</code></td><td>seconds since the origin made or confirmed the response</td></tr>
        <tr><td><code>ETag</code></td><td>the version; send it back in <code>If-None-Match</code> and a 304 saves the body</td></tr>
        <tr><td><code>Cache-Control</code></td><td>what the origin allows; the edge obeys and passes it on</td></tr>
        <tr><td><code>Demo-Request</code></td><td>how often this origin was asked for the page</td></tr>
        </table>

        """;
}
