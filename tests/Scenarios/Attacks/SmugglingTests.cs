using DistCache.Scenarios.Wire;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Attacks;

/// <summary>
/// A1, request smuggling. Each request is odd in the field that says where it ends, and its body is a request for <c>/smuggled</c> to
/// who reads it otherwise. It is refused and the connection closed, or the origin gets exactly the bytes of a plain request.
/// </summary>
public class SmugglingTests(WireEdge wire) : IClassFixture<WireEdge>
{
    private const string Body = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
    private const string End = "GET /end HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    private static readonly string Length = $"{Body.Length}";

    [Fact]
    public async Task A_request_of_doubtful_length_is_refused_or_reaches_the_origin_as_the_plain_one()
    {
        wire.Origin.Others.Answer(request => Answers.Ok($"clean {request.Target}", request.Target == "/probe" ? "Cache-Control: max-age=60" : "Cache-Control: no-store"));
        var requests = Corpus().ToList();
        Assert.InRange(requests.Count, 300, int.MaxValue);
        var plain = new HashSet<string>();
        foreach (var method in (string[])["POST", "PUT", "GET"])
            foreach (var framing in (string[])[$"Content-Length: {Length}\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 0\r\n", ""])
                plain.UnionWith((await SendAsync(Request(method, framing))).Reached);

        var deviations = new List<string>();
        foreach (var (name, bytes) in requests)
            deviations.AddRange(Judge(name, await SendAsync(bytes), plain));
        Assert.Empty(deviations);
        await wire.RunAsync(() => Task.CompletedTask);
    }

    private static IEnumerable<(string Name, string Bytes)> Corpus()
    {
        foreach (var mutation in Mutation.All)
            foreach (var method in (string[])["POST", "PUT", "GET"])
            {
                var length = mutation.Line("Content-Length", Length) + "\r\n";
                var coding = mutation.Line("Transfer-Encoding", "chunked") + "\r\n";
                yield return ($"{method} Content-Length, {mutation.Name}", Request(method, length));
                yield return ($"{method} Transfer-Encoding, {mutation.Name}", Request(method, coding));
                yield return ($"{method} Content-Length, {mutation.Name}; then Transfer-Encoding", Request(method, length + "Transfer-Encoding: chunked\r\n"));
                yield return ($"{method} Content-Length, then Transfer-Encoding, {mutation.Name}", Request(method, $"Content-Length: {Length}\r\n{coding}"));
                yield return ($"{method} Transfer-Encoding, {mutation.Name}; then Content-Length", Request(method, $"{coding}Content-Length: {Length}\r\n"));
            }
    }

    private static string Request(string method, string framing) => $"{method} /smuggle HTTP/1.1\r\nHost: h\r\n{framing}\r\n{Body}{End}";

    private static IEnumerable<string> Judge(string name, (List<int> Statuses, List<string> Reached) seen, HashSet<string> plain)
    {
        foreach (var request in seen.Reached)
            if (!plain.Contains(request))
                yield return $"{name}: the origin got\n{request}";
        // Every answer is the origin's to a request that it got, or the refusal that ends the connection.
        var refused = seen.Statuses.FindIndex(status => status is not 200);
        if (refused >= 0 && (refused != seen.Statuses.Count - 1 || seen.Statuses[refused] is not (>= 400 and < 502)))
            yield return $"{name}: {string.Join(", ", seen.Statuses)}";
        if (seen.Statuses.Count(status => status is 200) != seen.Reached.Count)
            yield return $"{name}: answers {string.Join(", ", seen.Statuses)} to {seen.Reached.Count} requests at the origin";
    }

    private async Task<(List<int> Statuses, List<string> Reached)> SendAsync(string bytes)
    {
        var before = wire.Origin.Log.All.Count;
        var statuses = new List<int>();
        await using var client = await wire.Edge.ConnectAsync();
        client.Patience = TimeSpan.FromSeconds(10);
        await client.SendAsync(bytes);
        while (await client.TryReadAnswerAsync() is { } answer)
            statuses.Add(answer.Status);
        return (statuses, [.. wire.Origin.Log.All.Skip(before).Select(Stable)]);
    }

    /// <summary>Without the trace context, which differs by design.</summary>
    private static string Stable(OriginRequest request) =>
        string.Join("\r\n", request.Text.Split("\r\n").Where(line => !line.StartsWith("traceparent:", StringComparison.OrdinalIgnoreCase)));
}
