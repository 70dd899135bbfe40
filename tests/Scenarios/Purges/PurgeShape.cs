using Xunit;

namespace DistCache.Scenarios.Purges;

/// <summary>One way to write a PURGE, and a page that it reaches: on host <c>shapes.test</c>, with a tag of its own.</summary>
/// <param name="Name">What the shape is called; with the scenario it makes the page's path.</param>
/// <param name="Target">For the request line; <c>{page}</c> stands for the page, <c>{start}</c> for its beginning.</param>
/// <param name="Field">The selector's field line, empty for none; <c>{tag}</c> stands for the page's tag.</param>
public sealed record PurgeShape(string Name, string Target, string Field)
{
    private static readonly PurgeShape[] All =
    [
        new("url", "{page}", ""),
        new("url-said", "{page}", "Purge-Scope: url"),
        new("surrogate-key", "/", "Surrogate-Key: other {tag}"),
        new("xkey", "/", "xkey: {tag}"),
        new("cache-tag", "/", "Cache-Tag: other, {tag}"),
        new("edge-cache-tag", "/", "Edge-Cache-Tag: {tag}"),
        new("prefix", "{start}", "Purge-Scope: prefix"),
        new("host", "/", "Purge-Scope: host"),
        new("host-of-plug-ins", "/.*", "X-Purge-Method: regex"),
        new("everything", "/", "Purge-Scope: everything"),
    ];

    public static TheoryData<string> Names { get; } = [.. All.Select(shape => shape.Name)];

    public string Page { get; private init; } = "";

    /// <summary>The field that the origin labels the page with: each of the four is somebody's.</summary>
    public string Label => Name switch
    {
        "xkey" => $"xkey: a {Tag}",
        "cache-tag" => $"Cache-Tag: a, {Tag}",
        "edge-cache-tag" => $"Edge-Cache-Tag: {Tag}",
        _ => $"Surrogate-Key: a {Tag}",
    };

    private string Tag => "tag:" + Page;

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="scenario">Keeps the pages of scenarios apart.</param>
    public static PurgeShape Of(string name, string scenario) =>
        All.Single(shape => shape.Name == name) with { Page = $"/{scenario}/{name}/page?q=1" };

    /// <summary>Sends it, and sees that it was taken.</summary>
    public async Task PurgeAsync(PurgeEdge edge, params string[] fieldLines)
    {
        var target = Target.Replace("{page}", Page, StringComparison.Ordinal).Replace("{start}", Page[..^6], StringComparison.Ordinal);
        string[] lines = Field.Length == 0 ? fieldLines : [Field.Replace("{tag}", Tag, StringComparison.Ordinal), .. fieldLines];
        var answer = await edge.PurgeAsync(target, ["Host: shapes.test", .. lines]);
        Assert.Equal(200, answer.Status);
        Assert.Contains(fieldLines.Length == 0 ? "\"mode\":\"hard\"" : "\"mode\":\"soft\"", answer.Text, StringComparison.Ordinal);
    }
}
