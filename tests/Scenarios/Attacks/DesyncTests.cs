using DistCache.Scenarios.Wire;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Attacks;

/// <summary>
/// A2, desync on a connection that is used again (Pingora's CVE-2025-4366: a hit that did not read the body before the next request).
/// Each first request has a body that nobody needs to read and that is itself a request; behind it the real second one is pipelined.
/// </summary>
public class DesyncTests(WireEdge wire) : IClassFixture<WireEdge>
{
    private const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n";

    [Fact]
    public async Task The_answer_behind_an_unread_body_belongs_to_the_request_that_was_sent()
    {
        var pairs = LongForm.Asked ? 10_000 : 1_600;
        wire.Origin.On("/token").Answer(request => Answers.Ok($"clean {request.Target}", "Cache-Control: no-store"));
        wire.Origin.On("/redirect").Early().Answer(Answers.WithLength("302 Found", [], "Location: /elsewhere", "Cache-Control: max-age=60"));
        wire.Origin.On("/forbidden").Early().Answer(Answers.WithLength("403 Forbidden", "no"u8.ToArray(), "Cache-Control: max-age=60"));
        wire.Origin.On("/leaves").Early().Answer(Script.Bytes(Answers.WithLength("413 Content Too Large", [], "Connection: close")).Fin());
        wire.Origin.On("/tagged").Answer(request => request.Field("If-None-Match") is null
            ? Answers.Ok("tagged", "Cache-Control: max-age=60", "ETag: \"t\"")
            : Answers.Head("304 Not Modified", "ETag: \"t\""));

        var reached = await wire.RunAsync(async () =>
        {
            var kinds = Kinds(await LoopMemberAsync());
            await wire.Edge.GetAsync("/stored");
            await wire.Edge.GetAsync("/tagged");
            await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
            {
                for (var i = worker; i < pairs; i += 8)
                    await SendPairAsync(kinds[i / 8 % kinds.Length], i);
            })));
        });
        Assert.DoesNotContain(reached, request => request.Target.Contains("smuggled", StringComparison.Ordinal));
    }

    private static (string Method, string Target, string FieldLines)[] Kinds(string loopMember) =>
    [
        ("GET", "/stored", ""), // a hit
        ("GET", "/missed", ""),
        ("GET", "/tagged", "If-None-Match: \"t\"\r\n"), // 304
        ("HEAD", "/stored", ""),
        ("POST", "/stored", ""),
        ("POST", "/token", ""),
        ("POST", "/redirect", ""),
        ("PUT", "/forbidden", ""),
        ("DELETE", "/redirect", ""),
        ("POST", "/leaves", ""),
        ("POST", "/token", "Expect: 100-continue\r\n"),
        ("POST", "/token", "Expect: y\r\n"), // 417
        ("TRACE", "/stored", ""), // 405
        ("CONNECT", "a:443", ""),
        ("post", "/stored", ""), // 501
        ("PURGE", "/purged", ""), // 200 by us
        ("PURGE", "/purged", "X-Purge-Mode: neither\r\n"),
        ("OPTIONS", "*", ""), // 204 by us
        ("POST", "/row%zz", ""), // 400 by us
        ("POST", "/token", $"CDN-Loop: {loopMember}\r\n"), // 508 by us
        ("POST", "/token", "Connection: Cookie\r\n"),
        ("GET", "/stored", "Cache-Control: only-if-cached\r\n"),
    ];

    private async Task SendPairAsync((string Method, string Target, string FieldLines) kind, int number)
    {
        var token = $"/token?{number}";
        var framed = number % 2 == 0
            ? $"Content-Length: {Smuggled.Length}\r\n\r\n{Smuggled}"
            : $"Transfer-Encoding: chunked\r\n\r\n{Smuggled.Length:x}\r\n{Smuggled}\r\n0\r\n\r\n";
        await using var client = await wire.Edge.ConnectAsync();
        await client.SendAsync($"{kind.Method} {kind.Target} HTTP/1.1\r\nHost: test\r\n{kind.FieldLines}{framed}GET {token} HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.NotNull(await client.TryReadAnswerAsync(kind.Method));
        if (await client.TryReadAnswerAsync() is { } second)
            Assert.Equal((200, $"clean {token}"), (second.Status, second.Text));
    }

    private async Task<string> LoopMemberAsync()
    {
        await wire.Edge.GetAsync("/loop");
        return wire.Origin.Requests("/loop")[0].Field("CDN-Loop")!;
    }
}
