using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Attacks;

/// <summary>
/// A11, web cache deception: a private page under a name that looks static. No name makes a response cacheable, only the origin's word.
/// </summary>
public class DeceptionTests
{
    private static readonly string[] Separators =
        ["/", ";", "%3b", "%23", "%3f", "%2f", "%00", "%0a", "//", "/..%2f", "%5c", "/..%2fassets/", "?", "."];

    private static readonly string[] Names = ["x.css", "x.js", "x.png", "x.ico", "x.woff2", "x.pdf", "robots.txt", "favicon.ico", "static/x.css"];

    private static readonly (string Kind, string[] FieldLines)[] Origins =
    [
        ("none", []),
        ("type", ["Content-Type: text/css"]),
        ("private", ["Cache-Control: private, max-age=60"]),
        ("no-store", ["Cache-Control: no-store, max-age=60"]),
        ("set-cookie", ["Set-Cookie: session=1"]),
        ("authorization", ["Cache-Control: max-age=60"]),
    ];

    [Theory]
    [InlineData("safe")]
    [InlineData("rfc9111")]
    public async Task A_private_page_with_a_static_name_is_stored_for_nobody(string preset)
    {
        await using var origin = ScriptOrigin.Start();
        var fieldLines = Origins.ToDictionary(row => row.Kind, row => row.FieldLines);
        origin.Others.Answer(request => Answers.Ok(
            $"for {request.Field("Cookie")}{request.Field("Authorization")}", fieldLines.GetValueOrDefault(request.Target.Split('/')[1], [])));
        await using var edge = await EdgeProcess.StartAsync(origin.Url, preset);
        var paths = Separators.SelectMany(separator => Names.Select(name => $"/acct{separator}{name}")).ToArray();
        Assert.InRange(paths.Length, 120, int.MaxValue);

        var leaks = new List<string>();
        foreach (var (kind, _) in Origins)
            foreach (var path in LongForm.Asked || kind == "none" ? paths : paths.Where((_, i) => i % 4 == 0))
                if (await LeaksAsync(edge, $"/{kind}{path}", kind == "authorization" ? "Authorization" : "Cookie"))
                    leaks.Add($"{kind} {path}");
        Assert.Empty(leaks);
        Assert.False(edge.Process.HasExited);
    }

    private static async Task<bool> LeaksAsync(EdgeProcess edge, string target, string field)
    {
        await using var victim = await edge.ConnectAsync();
        var first = await victim.GetAsync(target, $"{field}: victim");
        await using var attacker = await edge.ConnectAsync();
        var second = await attacker.GetAsync(target, $"{field}: attacker");
        var third = second.Status == 200 ? await attacker.GetAsync(target) : null;
        return (first.Status == 200) != (second.Status == 200)
            || second.IsHit() || second.Text.Contains("victim", StringComparison.Ordinal)
            || (third is not null && (third.IsHit() || third.Text != "for "));
    }
}
