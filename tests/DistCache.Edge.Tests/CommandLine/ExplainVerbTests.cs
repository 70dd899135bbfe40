using System.Net;
using System.Text.Json;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.CommandLine;

/// <summary><c>explain</c> and <c>GET /api/v1/explain</c> of the real program in front of its demo origin.</summary>
public sealed class ExplainVerbTests
{
    [Fact]
    public async Task A_running_edge_explains_itself_in_words_and_in_json()
    {
        await using var edge = await BuiltProgram.StartAsync(["--listen", "http://127.0.0.1:0"]);
        var page = new Uri(edge.Data[0], "/hello").ToString();
        var admin = edge.Admin.GetLeftPart(UriPartial.Authority);

        var (code, output, error) = await BuiltProgram.RunAsync(["explain", page, "--ask", "--admin", admin]);
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith($"GET {page}\nfetch: ", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("\nroute    ", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("\norigin   ", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);

        (code, output, _) = await BuiltProgram.RunAsync(["explain", page + "#part", "--json", "--admin", admin]);
        Assert.Equal(0, code);
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Equal(("refuse", "target-fragment", 400), (json.GetProperty("decision").GetString(), json.GetProperty("reason").GetString(), json.GetProperty("status").GetInt32()));
        Assert.False(json.TryGetProperty("stored", out _));

        (code, output, error) = await BuiltProgram.RunAsync(["explain", "/hello", "--admin", admin]);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("url: '/hello' is not absolute.", error, StringComparison.Ordinal);

        using var client = new HttpClient { BaseAddress = edge.Admin };
        foreach (var (question, status, detail) in new[]
        {
            ("?url=http%3A%2F%2Fa%2F&ask=perhaps", HttpStatusCode.BadRequest, "ask: 'perhaps' is not true or false."),
            ("?uri=http%3A%2F%2Fa%2F", HttpStatusCode.BadRequest, "uri: there is no such parameter. Use url, method, header, client and ask."),
        })
        {
            using var response = await client.GetAsync("/api/v1/explain" + question, TestContext.Current.CancellationToken);
            Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
            Assert.Equal(detail, JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("detail").GetString());
        }

        // The data port itself has no such page but the site's.
        using var data = await client.GetAsync(new Uri(edge.Data[0], "/api/v1/explain?url=http%3A%2F%2Fa%2F"), TestContext.Current.CancellationToken);
        Assert.NotEqual("application/json", data.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Without_an_edge_it_says_where_it_asked()
    {
        var (code, output, error) = await BuiltProgram.RunAsync(["explain", "http://localhost/", "--admin", "http://127.0.0.1:1"]);
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith("No edge answers at http://127.0.0.1:1/: ", error, StringComparison.Ordinal);
        Assert.EndsWith("Start one, or name its admin port with --admin.", error, StringComparison.Ordinal);
    }
}
