using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>Shared tier and purge log over TLS and behind a password, through edges as they are started; and what they say when either is wrong.</summary>
[Collection(FleetCollection.Name)]
public class RedisTlsTests
{
    private const string Password = "pa55w0rd";
    private const string Key = "DistCache:Shared:Redis";

    [Fact]
    public async Task Two_edges_share_what_one_has_fetched_and_a_purge_is_complete_over_TLS_and_with_a_password()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var redis = await RedisProcess.StartAsync(new RedisStart { Tls = true, Password = Password, AppendOnly = true });
        var store = redis.ConnectionString + TrustOf(redis);
        await using var fleet = await EdgeFleet.StartAsync(new FleetStart
        {
            Lease = TimeSpan.FromSeconds(1),
            Keys = 1_000,
            LogOf = _ => store,
            SharedOf = _ => store,
            Environment = new Dictionary<string, string?> { ["DistCache__Shared__Budget"] = "5s" },
        });
        var next = 1;
        var page = await fleet.SharedPageAsync(() => next++);
        fleet.Origin.Bump(page);
        Assert.Equal(fleet.Nodes.Select(node => node.Id), (await fleet.Nodes[0].PurgeAsync(page)).MustBeComplete().Applied.Order());
        foreach (var node in fleet.Nodes)
            Assert.Equal(2, await node.VersionAsync(page));
        Assert.All(fleet.Nodes, node => Assert.DoesNotContain(Password, node.Edge.Process.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("the password", $"refuses the password: put password= right, and user=, where it has users, in {Key}")]
    [InlineData("the certificate", $"name a file with its issuer's certificate as trust=FILE in {Key}")]
    public async Task With_the_wrong_one_it_serves_and_says_what_to_write_where_and_no_secret(string wrong, string said)
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var redis = await RedisProcess.StartAsync(new RedisStart { Tls = true, Password = Password });
        await using var origin = VersionedOrigin.Start(keys: 1);
        var store = wrong == "the password" ? (redis.ConnectionString + TrustOf(redis)).Replace(Password, "wr0ng0ne", StringComparison.Ordinal) : redis.ConnectionString;
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart
        {
            Origin = new Uri($"http://127.0.0.1:{origin.Port}"),
            Environment = new Dictionary<string, string?> { ["DistCache__Shared__Redis"] = store },
        });
        Assert.Equal(1, Pages.VersionOf(await edge.GetAsync(VersionedPage.TargetOf(0)), 0));
        using var http = new HttpClient();
        var health = "";
        await Eventually.TrueAsync(async () =>
        {
            await edge.GetAsync(VersionedPage.TargetOf(0)); // it must have asked the tier a few times
            health = await http.GetStringAsync(new Uri(edge.AdminUrl, "/healthz"));
            return health.Split('\n').Count(line => line.Contains(said, StringComparison.Ordinal)) == 2; // shared-tier and purge-log
        }, () => health + edge.Process.Output);
        Assert.Contains(said, edge.Process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("0rd", health + edge.Process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng0ne", health + edge.Process.Output, StringComparison.Ordinal);
    }

    private static string TrustOf(RedisProcess redis) => $",trust={Path.Combine(redis.Folder, "certificate.pem")}";
}
