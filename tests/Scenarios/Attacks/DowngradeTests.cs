using DistCache.Scenarios.Wire;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Attacks;

/// <summary>
/// A4, from HTTP/2 down to HTTP/1.1: what is only a value in HTTP/2 would be a line, a length or a request in HTTP/1.1. The cases that are
/// named stand in <see cref="Http2RefusedRows"/>; here are many more, each refused or a canonical request at the origin.
/// </summary>
public class DowngradeTests(WireEdge wire) : IClassFixture<WireEdge>
{
    private static readonly string[] Splitters =
    [
        "\r\n", "\n", "\r", "\0", "\x0b", "\x0c", "\x1f", "\x7f", "\x01", " HTTP/1.1\r\nInjected: yes\r\n\r\n", "\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n",
        "\nInjected: yes", "\r\n Injected: yes",
    ];

    private static readonly string[] Forbidden =
    [
        "transfer-encoding: chunked", "transfer-encoding: identity", "transfer-encoding:\tchunked", "connection: keep-alive", "connection: transfer-encoding",
        "keep-alive: 1", "proxy-connection: close", "upgrade: h2c", "te: gzip", "te: trailers, chunked", "host: other", "content-length: 1", "content-length: -1",
        "content-length: 0x5", "content-length: 5, 5", ":path: /smuggled", ":authority: other", "injected : yes", "injected\t: yes", "transfer-encoding : chunked",
    ];

    [Fact]
    public async Task A_mutated_HTTP2_request_is_refused_or_reaches_the_origin_as_one_canonical_request()
    {
        var mutated = Mutated().ToList();
        Assert.InRange(mutated.Count, 200, int.MaxValue);
        var accepted = new List<string>();
        var reached = await wire.RunAsync(async () =>
        {
            foreach (var (name, fields, body) in mutated)
            {
                await using var client = await wire.Edge.ConnectHttp2Async();
                var answer = await client.RequestAsync(fields, body is null ? null : Latin1.Bytes(body));
                if (answer.Status is 200)
                    accepted.Add(name);
                else
                    Assert.True(answer.Status is >= 400 and < 502 || answer.Error is not null || answer.WasCut, $"{name}: {answer}");
            }
        });
        foreach (var request in reached)
            AssertCanonical(request);
        Assert.Equal(accepted.Count, reached.Count(request => request.IsWhole));
        Assert.True(accepted.Count < mutated.Count / 10, string.Join("\n", accepted)); // What is legal after all, and no more.
    }

    private static IEnumerable<(string Name, List<FieldLine> Fields, string? Body)> Mutated()
    {
        var number = 0;
        foreach (var splitter in Splitters)
        {
            foreach (var at in (string[])[":method", ":scheme", ":authority", ":path", "x-name"])
            {
                yield return ($"{at} ends with {Show(splitter)}", Get(number++, at, value => value + splitter), null);
                yield return ($"{at} has {Show(splitter)} inside", Get(number++, at, value => value[..1] + splitter + value[1..]), null);
            }

            yield return ($"a name with {Show(splitter)}", [.. Get(number++), new("x" + splitter + "y", "z")], null);
            yield return ($"a name that ends with {Show(splitter)}", [.. Get(number++), new("xy" + splitter, "z")], null);
            yield return ($"a cookie with {Show(splitter)}", [.. Get(number++), new("cookie", "a=" + splitter + "b")], null);
        }

        foreach (var line in Forbidden)
        {
            yield return ($"GET with {line}", [.. Get(number++), Field(line)], null);
            yield return ($"POST with {line}", [.. Post(number++), Field(line)], "abcde");
        }
    }

    private static List<FieldLine> Get(int number) =>
        [new(":method", "GET"), new(":scheme", "https"), new(":authority", "test"), new(":path", $"/down?{number}"), new("x-name", "value")];

    private static List<FieldLine> Get(int number, string name, Func<string, string> change) =>
        [.. Get(number).Select(field => field.Name == name ? new FieldLine(name, change(field.Value)) : field)];

    private static List<FieldLine> Post(int number) => [new(":method", "POST"), .. Get(number).Skip(1)];

    // Not FieldLine.Parse, which takes the white space away.
    private static FieldLine Field(string line)
    {
        var colon = line.IndexOf(':', 1);
        return new(line[..colon], line[(colon + 1)..].TrimStart(' '));
    }

    private static string Show(string splitter) => Latin1.Show(Latin1.Bytes(splitter), 20);

    private static void AssertCanonical(OriginRequest request)
    {
        var head = request.Text[..(request.Text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)];
        Assert.DoesNotContain(head.Replace("\r\n", "", StringComparison.Ordinal), character => character is < ' ' or '\x7f');
        Assert.StartsWith("/down?", request.Target, StringComparison.Ordinal);
        Assert.False(request.Fields.Has("Injected"), head);
        Assert.InRange(request.Fields.All("Host").Count, 1, 1);
        Assert.InRange(request.Fields.All("Content-Length").Count + request.Fields.All("Transfer-Encoding").Count, 0, 1);
    }
}
