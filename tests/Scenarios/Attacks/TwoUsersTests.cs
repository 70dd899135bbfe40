using System.Text.Json;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Attacks;

/// <summary>
/// A12, a private page that leaks through a configuration (Railway, 2026-03-30): whatever a policy says, what the origin made for one user
/// and did not give away is nobody else's. Generated policies, each with every kind of origin, asked by user A and then by user B.
/// </summary>
public class TwoUsersTests
{
    // What the origin sends, and whether a policy may lawfully make it everybody's.
    private static readonly (string Kind, string Field, string[] FieldLines)[] Origins =
    [
        ("private", "Cookie", ["Cache-Control: private, max-age=60"]),
        ("private-tag", "Cookie", ["Cache-Control: private", "ETag: \"template\""]),
        ("no-store", "Cookie", ["Cache-Control: no-store", "Last-Modified: Sun, 01 Nov 2020 10:00:00 GMT"]),
        ("no-store-expires", "Cookie", ["Cache-Control: no-store", "Expires: Fri, 01 Jan 2100 00:00:00 GMT"]),
        ("vary", "Cookie", ["Cache-Control: max-age=60", "Vary: Cookie", "ETag: \"template\""]),
        ("vary-star", "Cookie", ["Cache-Control: max-age=60", "Vary: *"]),
        ("authorized", "Authorization", ["Cache-Control: max-age=60", "ETag: \"template\""]),
        ("authorized-plain", "Authorization", []),
        ("authorized-vary", "Authorization", ["Cache-Control: public, max-age=60", "Vary: Authorization"]),
        ("cdn-private", "Cookie", ["CDN-Cache-Control: private", "Cache-Control: max-age=60"]),
        ("session", "Cookie", ["Set-Cookie: session=1", "Cache-Control: private, max-age=60"]),
        ("silent", "Cookie", []), // the default: no store without explicit freshness
    ];

    [Fact]
    public async Task User_B_never_gets_the_body_of_user_A_whatever_the_policy_says()
    {
        var policies = LongForm.Asked ? 500 : 60;
        await using var origin = ScriptOrigin.Start();
        var fieldLines = Origins.ToDictionary(row => row.Kind, row => row.FieldLines);
        origin.Others.Answer(request => Answers.Ok(
            $"for {request.Field("Cookie")}{request.Field("Authorization")}", fieldLines.GetValueOrDefault(request.Target.Split('/')[^1], [])));
        var random = new Random(12);
        var generated = Enumerable.Range(0, policies).Select(_ => Policy(random)).ToArray();
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart { Configuration = Configuration(generated, origin.Url) });

        var crossed = new List<string>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            await using var client = await edge.ConnectAsync();
            for (var i = worker; i < policies; i += 4)
                foreach (var (kind, field, _) in Origins)
                    foreach (var user in (string[])["A", "B", "A"])
                    {
                        if (kind == "silent" && generated[i].ContainsKey("Lifetimes"))
                            continue; // The operator said that silence means fresh.
                        var answer = await client.GetAsync($"/{i}/{kind}", $"{field}: {user}");
                        if ((answer.Status, answer.Text) != (200, $"for {user}"))
                            lock (crossed)
                                crossed.Add($"{kind} to {user}: {answer.Status} {answer.Text} under {JsonSerializer.Serialize(generated[i])}");
                    }
        })));
        Assert.Empty(crossed);
        Assert.False(edge.Process.HasExited);
    }

    private static Dictionary<string, object> Policy(Random random)
    {
        var policy = new Dictionary<string, object> { ["Preset"] = Of("safe", "rfc9111") };
        Maybe("SetCookie", Of("refuse", "store-without", "as-response-allows"));
        Maybe("Heuristics", Of("true", "false"));
        Maybe("HeuristicFraction", Of("0.1", "1"));
        Maybe("HonourRequestDirectives", Of("true", "false"));
        Maybe("StoreForValidation", Of("true", "false"));
        Maybe("UpdatesContentType", Of("true", "false"));
        Maybe("StaleWhileRevalidate", Of("0s", "1h"));
        Maybe("StaleIfError", Of("0s", "1h"));
        Maybe("StaleIfUnreachable", Of("0s", "1h"));
        Maybe("IgnoreProxyRevalidate", Of("true", "false"));
        Maybe("Lifetimes", new Dictionary<string, string> { ["200"] = Of("1s", "1h"), ["404"] = "10s" });
        Maybe("Vary", new Dictionary<string, object> { ["AcceptEncoding"] = "br, gzip", ["AcceptLanguage"] = Of("off", "spelling", "order") });
        return policy;

        void Maybe(string key, object value)
        {
            if (random.Next(2) == 0)
                policy[key] = value;
        }

        string Of(params string[] values) => values[random.Next(values.Length)];
    }

    private static string Configuration(Dictionary<string, object>[] policies, Uri origin) => JsonSerializer.Serialize(new
    {
        DistCache = new { Policies = policies.Index().ToDictionary(row => $"p{row.Index}", row => row.Item) },
        ReverseProxy = new
        {
            Routes = policies.Index().ToDictionary(
                row => $"r{row.Index}",
                row => new { ClusterId = "origin", OutputCachePolicy = $"p{row.Index}", Match = new { Path = $"/{row.Index}/{{**rest}}" } }),
            Clusters = new { origin = new { Destinations = new { one = new { Address = origin.ToString() } } } },
        },
    });
}
