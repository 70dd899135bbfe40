using System.Diagnostics;
using System.Net;
using System.Text;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Faults;

/// <summary>
/// F12 with a log that has a replica: nobody can be sure that the lease of a node that died is over (V15), so purges wait for it until an operator says
/// that it is gone.
/// </summary>
public class ForgottenNodeTests
{
    private const string Dead = """00000000000000000001{"Node":"ams-9","Run":7,"Region":"ams","Beat":1,"Lease":"00:00:05","HoldsLease":true,"Fences":true}""";
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TakeOver = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Needed = Lease + (Lease / 20) + TakeOver;

    [Fact]
    public async Task A_node_that_died_on_a_replicated_log_is_named_and_forgotten_on_request()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var redis = await RedisProcess.StartAsync();
        await using var replica = await ReplicaAsync(redis);
        await redis.CommandAsync("HSET", "dc1:{purges}:members", "ams-9#0000000000000007", Dead);
        await using var origin = ScriptOrigin.Start();
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart
        {
            Origin = origin.Url,
            Environment = new Dictionary<string, string?> { ["DistCache__PurgeLog__Redis"] = redis.ConnectionString, ["DistCache__PurgeLog__Lease"] = "2s", ["DistCache__Node__Id"] = "ams-1" },
        });
        using var admin = new HttpClient { BaseAddress = edge.AdminUrl };
        var (status, text) = await ForgetAsync("ams-9");
        Assert.True(status is HttpStatusCode.Conflict && text.Contains("its lease and a margin", StringComparison.Ordinal), text);

        var health = "";
        await Eventually.TrueAsync(async () => (health = await admin.GetStringAsync("/healthz", TestContext.Current.CancellationToken)).Contains("node forget ams-9", StringComparison.Ordinal), () => health);
        Assert.StartsWith("yellow", health, StringComparison.Ordinal);
        (status, text) = await PurgeAsync("100ms");
        Assert.True(status is HttpStatusCode.Accepted && text.Contains("ams-9", StringComparison.Ordinal), text);

        (status, text) = await ForgetAsync("ams-9");
        Assert.True(status is HttpStatusCode.OK && text.Contains("\"region\":\"ams\"", StringComparison.Ordinal), text);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Process.Output.Contains("Node ams-9 (run 0000000000000007, region ams)", StringComparison.Ordinal)), () => edge.Process.Output); // the audit log
        (status, text) = await PurgeAsync("20s");
        Assert.True(status is HttpStatusCode.OK && text.Contains("\"complete\"", StringComparison.Ordinal), text);
        Assert.DoesNotContain("ams-9", await admin.GetStringAsync("/healthz", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await ForgetAsync("ams-9")).Status);

        Task<(HttpStatusCode Status, string Text)> ForgetAsync(string node) => SendAsync(HttpMethod.Delete, $"/api/v1/nodes/{node}", null);
        Task<(HttpStatusCode Status, string Text)> PurgeAsync(string timeout) => SendAsync(HttpMethod.Post, "/api/v1/purges", $$"""{"tags":["a"],"wait":"all","timeout":"{{timeout}}"}""");

        async Task<(HttpStatusCode, string)> SendAsync(HttpMethod method, string path, string? body)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
            using var answer = await admin.SendAsync(request, TestContext.Current.CancellationToken);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact] // rule 8: L + S + margin
    public async Task Where_the_operator_says_how_long_an_old_primary_takes_writes_it_is_left_out_after_its_lease_and_that_time()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var redis = await RedisProcess.StartAsync();
        await using var replica = await ReplicaAsync(redis);
        await redis.CommandAsync("HSET", "dc1:{purges}:members", "ams-9#0000000000000007", Dead.Replace("00:00:05", $"{Lease}", StringComparison.Ordinal));
        await using var origin = ScriptOrigin.Start();
        var start = Stopwatch.GetTimestamp();
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart
        {
            Origin = origin.Url,
            Environment = new Dictionary<string, string?>
            {
                ["DistCache__PurgeLog__Redis"] = redis.ConnectionString,
                ["DistCache__PurgeLog__Lease"] = $"{Lease.TotalMilliseconds}ms",
                ["DistCache__PurgeLog__TakeOver"] = $"{TakeOver.TotalMilliseconds}ms",
                ["DistCache__Node__Id"] = "ams-1",
            },
        });
        using var admin = new HttpClient { BaseAddress = edge.AdminUrl };
        var asked = Stopwatch.GetTimestamp();
        var first = await PurgeAsync("none");
        Assert.True(first.IsPending, first.Text);
        var (watches, ends) = (first.Json.GetProperty("watchesFor").GetDouble(), first.Json.GetProperty("pending")[0].GetProperty("leaseEndsIn").GetDouble());
        Assert.InRange(watches, 0.001, Needed.TotalSeconds);
        Assert.InRange(ends, 0.001, Needed.TotalSeconds);
        var purge = await PurgeAsync("all");
        Assert.True(purge.IsComplete && purge.Text.Contains("\"leftOut\":[\"ams-9\"]", StringComparison.Ordinal), purge.Text);
        Assert.True(Stopwatch.GetElapsedTime(asked).TotalSeconds > Math.Max(watches, ends) - 0.001, $"complete after {Stopwatch.GetElapsedTime(asked)}; it had to watch for {watches} s, and the lease to end in {ends} s");
        Assert.True(Stopwatch.GetElapsedTime(start) > Needed);
        Assert.DoesNotContain("without end", await admin.GetStringAsync("/healthz", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        async Task<PurgeReply> PurgeAsync(string wait)
        {
            using var body = new StringContent($$"""{"tags":["a"],"wait":"{{wait}}","timeout":"30s"}""", Encoding.UTF8, "application/json");
            using var answer = await admin.PostAsync("/api/v1/purges", body, TestContext.Current.CancellationToken);
            return new(answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    private static async Task<RedisProcess> ReplicaAsync(RedisProcess redis)
    {
        var replica = await RedisProcess.StartAsync();
        await replica.CommandAsync("REPLICAOF", "127.0.0.1", $"{redis.Port}");
        await Eventually.TrueAsync(async () => (await redis.CommandAsync("INFO", "replication")).Contains("connected_slaves:1", StringComparison.Ordinal));
        return replica;
    }
}
