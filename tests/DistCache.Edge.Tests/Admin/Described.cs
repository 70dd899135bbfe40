using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using DistCache.Edge.Admin;

namespace DistCache.Edge.Tests.Admin;

/// <summary>What the OpenAPI document says of the answers of the admin port.</summary>
internal static class Described
{
    private static readonly JsonElement Paths = JsonDocument.Parse(ApiDocument.Bytes()).RootElement.GetProperty("paths");

    /// <summary>That route, status and media type are in the document.</summary>
    public static void Check(HttpResponseMessage answer)
    {
        var asked = answer.RequestMessage!;
        var route = RouteOf(asked);
        Assert.True(route is not null, $"{asked.Method} {asked.RequestUri} is not described");
        Assert.Contains((int)answer.StatusCode, StatusesOf(route));
        var content = Operation(route).GetProperty("responses").GetProperty($"{(int)answer.StatusCode}").GetProperty("content");
        Assert.Equal(content.EnumerateObject().Single().Name, MediaTypeHeaderValue.Parse(answer.Content.Headers.ContentType!.ToString()).MediaType);
    }

    /// <summary>As <c>POST /api/v1/purges</c>; null: there is none.</summary>
    public static string? RouteOf(HttpRequestMessage asked) => (
        from path in Paths.EnumerateObject()
        where Regex.IsMatch(asked.RequestUri!.AbsolutePath, $"^{Regex.Replace(path.Name, @"\{\w+\}", "[^/]+")}$") && path.Value.TryGetProperty(asked.Method.Method.ToLowerInvariant(), out _)
        select $"{asked.Method} {path.Name}").FirstOrDefault();

    public static IEnumerable<string> Routes =>
        from path in Paths.EnumerateObject()
        from method in path.Value.EnumerateObject()
        where method.Name is "get" or "post" or "delete"
        select $"{method.Name.ToUpperInvariant()} {path.Name}";

    public static IEnumerable<int> StatusesOf(string route) =>
        Operation(route).GetProperty("responses").EnumerateObject().Select(status => int.Parse(status.Name, System.Globalization.CultureInfo.InvariantCulture));

    private static JsonElement Operation(string route) => Paths.GetProperty(route.Split(' ')[1]).GetProperty(route.Split(' ')[0].ToLowerInvariant());
}
