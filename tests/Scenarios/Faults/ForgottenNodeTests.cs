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
    private const string Dead = """00000000000000000001{"Node":"ams-9","Run":7,"Region":"ams","Beat":1,"Lease":"00:00:05","HoldsLease":true}""";

    [Fact]
    public async Task A_node_that_died_on_a_replicated_log_is_named_and_forgotten_on_request()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var redis = await RedisProcess.StartAsync();
        await using var replica = await RedisProcess.StartAsync();
        await replica.CommandAsync("REPLICAOF", "127.0.0.1", $"{redis.Port}");
        await Eventually.TrueAsync(async () => (await redis.CommandAsync("INFO", "replication")).Contains("connected_slaves:1", StringComparison.Ordinal));
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
}
