using System.Net;
using System.Text.Json;

namespace DistCache.TestKit;

/// <summary>What the admin port answered to a purge.</summary>
public sealed record PurgeReply(HttpStatusCode Status, string Text)
{
    /// <summary>Every node has applied it or can be shown to serve nothing unvalidated.</summary>
    public bool IsComplete => Status == HttpStatusCode.OK && Value("status") == "complete";

    public bool IsPending => Status == HttpStatusCode.Accepted && Value("status") == "pending";

    public long Position => Json.GetProperty("position").GetInt64();

    public string Id => Json.GetProperty("id").ToString();

    /// <summary>Ids of the nodes that have applied it.</summary>
    public IReadOnlyList<string> Applied => Names("applied");

    /// <summary>Ids of those that it waits for.</summary>
    public IReadOnlyList<string> Pending => Names("pending");

    /// <summary>The whole answer; it ends with the test's own copy.</summary>
    public JsonElement Json
    {
        get
        {
            using var document = JsonDocument.Parse(Text);
            return document.RootElement.Clone();
        }
    }

    private string? Value(string name) => Json.TryGetProperty(name, out var value) ? value.ToString() : null;

    /// <summary>A node is named by its id, or by an object that has it as <c>node</c> or <c>id</c>.</summary>
    private string[] Names(string list) => [.. Json.GetProperty(list).EnumerateArray().Select(NameOf)];

    private static string NameOf(JsonElement element) => element.ValueKind == JsonValueKind.String
        ? element.GetString()!
        : (element.TryGetProperty("node", out var node) ? node : element.GetProperty("id")).GetString()!;
}
