namespace DistCache.Edge.Demo.Pages;

internal sealed class RangedPage() : DemoPage("/ranged", "Parts of a larger file")
{
    public override string Explanation =>
        "The origin offers a file of 4 MiB with <code>Accept-Ranges: bytes</code>. Once the edge holds it, any part of it comes from memory. Every line of the file is 16 bytes and begins with its own position.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("curl -i -r 1024-1055 {url}/file", "206 and two lines, the first one says 0000000000400: 1024 in base 16"),
        new("curl -i -r -16 {url}/file", "206 and the last line"),
        new("curl -i -r 9999999- {url}/file", "416: there is no such part"),
    ];

    public override Task AnswerAsync(DemoVisit visit)
    {
        visit.CacheControl("max-age=60");
        return visit.WritePageAsync("<p><a href=\"/ranged/file\">The file</a></p>\n");
    }
}
