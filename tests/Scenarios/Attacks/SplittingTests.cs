using DistCache.Scenarios.Wire;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Attacks;

/// <summary>A21, response splitting: whatever stands in a target, a host, a tag or a field, the answer has no line that we or the origin did not write.</summary>
public class SplittingTests(WireEdge wire) : IClassFixture<WireEdge>
{
    private static readonly string[] Pieces =
    [
        "%0d%0aInjected:%20yes", "%0aInjected:yes", "%0d", "%00", "%e5%98%8a%e5%98%8dInjected:yes", "%c4%8d%c4%8aInjected:yes", "\r\nInjected: yes", "\nInjected: yes",
        "\rInjected: yes", "\0", "\t", "\x85", "\x0b", "\xe2\x80\xa8", "%250d%250aInjected:yes", "a", "/", "..", "%2f", "\"", "\\", ",", ";", "=", "?q=", "#", "<", ">",
    ];

    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "Age", "Allow", "Cache-Control", "Cache-Status", "Connection", "Content-Length", "Content-Type", "Content-Location", "Date", "ETag", "Link", "Location",
        "Proxy-Status", "Transfer-Encoding", "Via", "X-Host", "X-Target",
    };

    [Fact]
    public async Task No_target_host_or_tag_adds_a_line_to_an_answer()
    {
        var rounds = LongForm.Asked ? 10_000 : 1_500;
        // It gives back all that it got, as origins do: in Location, in fields, and in tags.
        wire.Origin.Others.Answer(request => request.Target == "/probe"
            ? Answers.Ok("clean /probe", "Cache-Control: max-age=60")
            : Answers.WithLength(
                "302 Found", "moved"u8.ToArray(), $"Location: https://{request.Field("X-Forwarded-Host")}{request.Target}", $"Link: <{request.Target}>; rel=next",
                $"X-Target: {request.Target}", $"X-Host: {request.Field("X-Forwarded-Host")}", $"Surrogate-Key: {request.Target}", $"Cache-Tag: {request.Field("X-Tag")}",
                "Cache-Control: max-age=60"));
        var random = new Random(21);
        var served = 0;
        await wire.RunAsync(async () =>
        {
            for (var i = 0; i < rounds; i++)
            {
                var bytes = (i % 4) switch
                {
                    0 => $"GET /{i}{Fuzz()} HTTP/1.1\r\nHost: test\r\n\r\n",
                    1 => $"GET /{i} HTTP/1.1\r\nHost: test{Fuzz()}\r\n\r\n",
                    2 => $"GET /{i}{Fuzz()} HTTP/1.1\r\nHost: test\r\nX-Tag: {Fuzz()}\r\nRange: bytes={Fuzz()}\r\nIf-None-Match: {Fuzz()}\r\n\r\n",
                    _ => $"PURGE /{i}{Fuzz()} HTTP/1.1\r\nHost: test\r\nSurrogate-Key: {Fuzz()}\r\nX-Purge-Mode: {Fuzz()}\r\n\r\n",
                };
                await using var client = await wire.Edge.ConnectAsync();
                await client.SendAsync(bytes);
                if (await client.TryReadAnswerAsync() is not { } answer) // Strict: a bare CR or LF or a control in it throws.
                    continue;
                foreach (var field in answer.Fields)
                    Assert.True(Known.Contains(field.Name), $"{field} in the answer to\n{bytes}");
                served += answer.Status is 302 or 200 ? 1 : 0;
            }
        });
        Assert.InRange(served, rounds / 20, rounds);

        string Fuzz() => string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pieces[random.Next(Pieces.Length)]));
    }
}
