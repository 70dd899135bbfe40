using DistCache.Redis.Connections;
using DistCache.Redis.Tests.Kit;
using DistCache.Storage.Tests.Shared.Kit;
using DistCache.TestKit;

namespace DistCache.Redis.Tests.Shared;

/// <summary>TLS and a password on the way to a real server, whose certificate is its own.</summary>
public sealed class RedisTlsTests(RedisTlsTests.Server server) : IClassFixture<RedisTlsTests.Server>
{
    private string Trusted => $"{server.Redis.ConnectionString},trust={Path.Combine(server.Redis.Folder, "certificate.pem")}";

    [Fact]
    public async Task Whoever_trusts_its_certificate_and_knows_its_password_reads_and_writes()
    {
        await using var node = await Node.OpenAsync(Trusted, new TestLog());
        await node.WriteAsync("tls", Copies.Bytes(200_000));
        Assert.Equal(Copies.Bytes(200_000), await node.ReadAsync("tls"));
        Assert.Null(node.Connection.Refused);
    }

    [Fact]
    public async Task A_certificate_that_nobody_here_has_issued_is_refused_and_the_remedy_named()
    {
        await RefusedAsync(server.Redis.ConnectionString, "is not trusted here (issued by CN=localhost): name a file with its issuer's certificate as trust=FILE");
    }

    [Fact]
    public async Task One_of_another_issuer_with_the_same_name_is_refused()
    {
        var other = Path.Combine(server.Redis.Folder, "other.pem");
        await File.WriteAllTextAsync(other, TestCertificate.Pem("localhost", TimeSpan.FromDays(-1), TimeSpan.FromDays(1)).Certificate, TestContext.Current.CancellationToken);
        await RefusedAsync($"{server.Redis.ConnectionString},trust={other}", "trust=FILE");
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused_and_the_remedy_named()
    {
        await RefusedAsync(Trusted.Replace("sslHost=localhost", "sslHost=redis.example", StringComparison.Ordinal), "for another name (localhost): write sslHost=NAME");
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_the_remedy_named()
    {
        await RefusedAsync(Trusted.Replace(Server.Password, "wr0ng", StringComparison.Ordinal), "refuses the password: put password= right");
    }

    [Fact]
    public async Task No_password_where_one_is_wanted_is_refused_and_the_remedy_named()
    {
        await RefusedAsync(Trusted.Replace($",password={Server.Password}", "", StringComparison.Ordinal), "wants a password: add password=");
    }

    [Fact]
    public async Task An_expired_certificate_is_refused_and_the_remedy_named()
    {
        var folder = server.Redis.Folder;
        var (certificate, key) = TestCertificate.Pem("localhost", TimeSpan.FromDays(-3), TimeSpan.FromDays(-1));
        var (there, thereKey) = (Path.Combine(folder, "expired.pem"), Path.Combine(folder, "expired-key.pem"));
        await File.WriteAllTextAsync(there, certificate, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(thereKey, key, TestContext.Current.CancellationToken);
        await using var redis = await RedisProcess.StartAsync(new RedisStart { Tls = true, Arguments = ["--tls-cert-file", there, "--tls-key-file", thereKey] });
        await RefusedAsync($"{redis.ConnectionString},trust={there}", "is not valid now");
    }

    [Theory]
    [InlineData("ssl=true,trust=/nowhere/at-all.pem", "the file that trust= names cannot be read")]
    [InlineData("trust=/etc/hostname", "trust= without ssl=true")]
    [InlineData("ssl=true,Trust=/etc/hostname", "or has no certificate in it")]
    public void A_trust_that_cannot_be_used_is_told_before_anything_is_connected(string option, string told) =>
        Assert.Contains(told, RedisConnection.Check($"127.0.0.1:6379,{option}"), StringComparison.Ordinal);

    private static async Task RefusedAsync(string connectionString, string why)
    {
        var heard = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var connection = await RedisConnection.OpenAsync(connectionString, "test", heard.Enqueue);
        await Eventually.TrueAsync(
            async () =>
            {
                await connection.AskWhyAsync(); // as each command of a node does; the first may have failed for the time that it took
                return connection.Refused is not null;
            },
            () => $"connected: {connection.IsConnected}");
        Assert.Contains(why, connection.Refused, StringComparison.Ordinal);
        Assert.Contains(connection.Refused, heard);
        Assert.All(heard, said => Assert.DoesNotContain("0rd", said, StringComparison.Ordinal));
        Assert.False(connection.IsConnected);
    }

    public sealed class Server : IAsyncLifetime
    {
        public const string Password = "pa55w0rd";

        public RedisProcess Redis { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Redis = await RedisProcess.StartAsync(new RedisStart { Tls = true, Password = Password });

        public ValueTask DisposeAsync() => Redis.DisposeAsync();
    }
}
