using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Attacks;

/// <summary>
/// A10, CPDoS: one odd request makes a strict origin answer with an error, which must not become everybody's page. The origin here takes
/// 4 KB of fields, refuses controls, believes method overrides, bad ranges and expectations; its errors look cacheable to a guess.
/// </summary>
public class PoisonedErrorTests
{
    private static readonly (string Name, string[] FieldLines)[] Requests =
    [
        ("HHO: 6 KB in one field", [$"X-Big: {new string('b', 6 * 1024)}"]),
        ("HHO: 6 KB in many", [.. Enumerable.Range(0, 60).Select(i => $"X-Big-{i}: {new string('b', 100)}")]),
        ("HHO: a cookie of 5 KB", [$"Cookie: a={new string('c', 5 * 1024)}"]),
        ("HHO: a referrer of 5 KB", [$"Referer: https://{new string('r', 5 * 1024)}"]),
        ("HMC: BEL", ["X-Meta: a\x07z"]),
        ("HMC: LF", ["X-Meta: a\nz"]),
        ("HMC: high byte", ["X-Meta: a\x80z"]),
        ("HMO", ["X-HTTP-Method-Override: POST"]),
        ("HMO, short", ["X-HTTP-Method: DELETE"]),
        ("HMO, other", ["X-Method-Override: PUT"]),
        ("HMO, underscore", ["X_HTTP_Method_Override: POST"]),
        ("range that nobody has", ["Range: bytes=999999-"]),
        ("range that is none", ["Range: bytes=z-y"]),
        ("range in another unit", ["Range: cats=1-2"]),
        ("many ranges", [$"Range: bytes={string.Join(',', Enumerable.Repeat("0-", 100))}"]),
        ("expectation", ["Expect: bananas"]),
        ("precondition", ["If-Match: \"none\""]),
        ("precondition by date", ["If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT"]),
        ("a condition that is malformed", ["If-None-Match: ((("]),
        ("coding that nobody has", ["Accept-Encoding: bananas, *;q=0"]),
        ("type that nobody has", ["Accept: application/bananas"]),
        ("language that nobody has", ["Accept-Language: xx-bananas"]),
        ("upgrade", ["Connection: Upgrade", "Upgrade: bananas"]),
        ("length of nothing", ["Content-Length: 0", "Content-Type: bananas"]),
        ("another host", ["X-Forwarded-Host: bananas"]),
        ("transfer coding", ["TE: bananas"]),
        ("authorization", ["Authorization: bananas"]),
        ("max-forwards", ["Max-Forwards: 0"]),
    ];

    private static readonly string[] PoisonProne =
    [
        "400 Bad Request", "405 Method Not Allowed", "413 Content Too Large", "414 URI Too Long", "417 Expectation Failed",
        "431 Request Header Fields Too Large", "500 Internal Server Error", "501 Not Implemented", "503 Service Unavailable",
    ];

    [Theory]
    [InlineData("safe")]
    [InlineData("rfc9111")]
    public async Task An_error_that_one_request_provokes_is_no_other_clients_answer(string preset)
    {
        await using var origin = ScriptOrigin.Start();
        origin.Others.Answer(request => Strict(request, preset));
        await using var edge = await EdgeProcess.StartAsync(origin.Url, preset);
        var poisoned = new List<string>();
        foreach (var (i, (name, fieldLines)) in Requests.Index())
        {
            await using var attacker = await edge.ConnectAsync();
            await attacker.SendAsync(DistCache.TestKit.Requests.Text("GET", $"/page/{i}", fieldLines));
            await attacker.TryReadAnswerAsync();
            var clean = await edge.GetAsync($"/page/{i}");
            if ((clean.Status, clean.Text) != (200, "page"))
                poisoned.Add($"{name}: {clean.Status} {clean.Text}");
        }

        Assert.Empty(poisoned);
        Assert.False(edge.Process.HasExited);
    }

    [Fact]
    public async Task An_error_without_explicit_freshness_is_not_stored_and_with_it_the_origin_meant_it()
    {
        await using var origin = ScriptOrigin.Start();
        await using var edge = await EdgeProcess.StartAsync(origin.Url, "safe");
        foreach (var status in PoisonProne)
        {
            string guess = $"/guess/{status[..3]}", meant = $"/meant/{status[..3]}";
            origin.On(guess).Answer(Answers.WithLength(status, "error"u8.ToArray(), "Last-Modified: Sun, 01 Nov 2020 10:00:00 GMT"), Answers.Ok("page"));
            origin.On(meant).Answer(Answers.WithLength(status, "error"u8.ToArray(), "Cache-Control: max-age=60"), Answers.Ok("page"));
            await edge.GetAsync(guess);
            await edge.GetAsync(meant);
            Assert.Equal("page", (await edge.GetAsync(guess)).Text);
            Assert.Equal("error", (await edge.GetAsync(meant)).Text);
        }
    }

    private static Script Strict(OriginRequest request, string preset)
    {
        // In rfc9111 a 405 with Last-Modified may be guessed fresh (RFC 9110 §15.1): there the origin gives no reason to.
        string[] cacheable = preset == "safe" ? ["Last-Modified: Sun, 01 Nov 2020 10:00:00 GMT"] : ["ETag: \"error\""];
        string? error = request switch
        {
            _ when request.Bytes.Length > 4096 => "431 Request Header Fields Too Large",
            _ when request.Bytes.Any(value => value is < 0x20 and not (0x0d or 0x0a) or > 0x7e) => "400 Bad Request",
            _ when request.Fields.Any(field => field.Name.Contains("Method", StringComparison.OrdinalIgnoreCase)) => "405 Method Not Allowed",
            _ when request.Field("Range") is not null => "416 Range Not Satisfiable",
            _ when request.Field("Expect") is not null => "417 Expectation Failed",
            _ when request.Field("If-Match") is not null || request.Field("If-Unmodified-Since") is not null => "412 Precondition Failed",
            _ when request.Field("Authorization") is not null => "401 Unauthorized",
            _ when request.Text.Contains("bananas", StringComparison.Ordinal) || request.Text.Contains("(((", StringComparison.Ordinal) => "400 Bad Request",
            _ => null,
        };
        return error is null ? Answers.Ok("page", "Cache-Control: max-age=60") : Answers.WithLength(error, "error"u8.ToArray(), cacheable);
    }
}
