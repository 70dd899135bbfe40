using System.Globalization;
using System.Net;
using System.Text;

namespace DistCache.Edge.Demo;

/// <summary>The one layout of the demo: a single file, no script, no font to fetch, light and dark as the reader's system is.</summary>
internal static class DemoHtml
{
    private const string Style =
        """
        :root{color-scheme:light dark;--ink:#1d2733;--soft:#5b6b7c;--paper:#f6f8fa;--card:#fff;--line:#dce3ea;--accent:#0b6bcb;--code:#eef3f8}
        @media(prefers-color-scheme:dark){:root{--ink:#e4ebf2;--soft:#98a8b8;--paper:#10161d;--card:#18212b;--line:#2a3744;--accent:#6db5ff;--code:#0d131a}}
        *{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,sans-serif}
        main{max-width:46rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}h1{font-size:1.7rem;line-height:1.25;margin:.3rem 0 1rem}
        h2{font-size:1.05rem;margin:2rem 0 .5rem}a{color:var(--accent)}a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
        .made,.list li,.watch>li{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.9rem 1.1rem}
        .made{margin:1.4rem 0}.made b{font-size:1.35rem;font-variant-numeric:tabular-nums}.made span{display:block;color:var(--soft)}
        ul{padding:0;list-style:none}.list,.watch{display:grid;grid-template-columns:minmax(0,1fr);gap:.6rem}.list a{font-weight:600;text-decoration:none}.list a:hover{text-decoration:underline}
        .list span,.watch span,footer{color:var(--soft)}.list span,.watch span{display:block}footer{margin-top:2.5rem;font-size:.9rem}
        code{font:.88em/1.5 ui-monospace,monospace;background:var(--code);border-radius:.3rem;padding:.1em .35em}
        pre{margin:0 0 .4rem;overflow-x:auto}pre code{display:block;padding:.55em .7em;white-space:pre}
        table{border-collapse:collapse}td{padding:.25rem 1rem .25rem 0;vertical-align:top}
        """;

    public static string Page(DemoPage page, DemoVisit visit, string addition)
    {
        var html = new StringBuilder(Start(page.Title));
        html.Append(CultureInfo.InvariantCulture, $"<h1>{Text(page.Title)}</h1>\n<p>{page.Explanation}</p>\n");
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"made\">Made by the origin at <b>{visit.Now:HH:mm:ss}</b> UTC <span>request {visit.Number} to the origin for this page; when you reload and both stand still, the edge answered</span></p>\n");
        html.Append(addition);
        Watches(html, page, visit.BaseUrl);
        if (page.Path != "/")
            html.Append("<footer><a href=\"/\">All pages of the demo</a></footer>\n");
        return html.Append(End).ToString();
    }

    public static string Start(string title) =>
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Text(title)} - DistCache.Edge demo</title>
        <style>
        {Style}
        </style>
        </head>
        <body><main>

        """;

    public const string End = "</main></body>\n</html>\n";

    /// <summary>Anything that a client may have written, its Host above all, as text.</summary>
    public static string Text(string value) => WebUtility.HtmlEncode(value);

    private static void Watches(StringBuilder html, DemoPage page, string baseUrl)
    {
        if (page.Watches.Count == 0)
            return;
        html.Append("<h2>What to watch</h2>\n<ul class=\"watch\">\n");
        foreach (var watch in page.Watches)
        {
            var command = watch.Command.Replace("{url}", ShellWord(baseUrl + (page.Path == "/" ? "" : page.Path)), StringComparison.Ordinal);
            html.Append(CultureInfo.InvariantCulture, $"<li><pre><code>{Text(command)}</code></pre><span>{watch.See}</span></li>\n");
        }

        html.Append("</ul>\n");
    }

    // The host comes from the client and is meant to be pasted into a shell: whatever a host name cannot hold is left out.
    private static string ShellWord(string url) => new([.. url.Where(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '/' or '.' or '-' or '_' or '[' or ']')]);
}
