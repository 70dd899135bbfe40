using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Kit;

public class RedisProcessTests
{
    [Fact]
    public async Task A_server_killed_comes_back_on_its_port_with_what_its_file_kept()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var redis = await RedisProcess.StartAsync(new RedisStart { AppendOnly = true });
        await redis.CommandAsync("SET", "a", "1");
        await redis.KillAsync();
        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(() => redis.CommandAsync("PING"));
        await redis.RestartAsync();
        Assert.Equal("1", await redis.CommandAsync("GET", "a"));
    }

    [Fact]
    public async Task Without_a_file_it_comes_back_empty()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var redis = await RedisProcess.StartAsync();
        await redis.CommandAsync("SET", "a", "1");
        await redis.KillAsync();
        await redis.RestartAsync();
        Assert.Equal("", await redis.CommandAsync("GET", "a"));
    }

    [Fact]
    public async Task A_frozen_server_answers_nobody_until_it_is_thawed()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var redis = await RedisProcess.StartAsync();
        redis.Freeze();
        await using var client = await redis.ConnectAsync(); // the kernel still accepts
        var asked = client.TextAsync("PING");
        await using var impatient = await redis.ConnectAsync();
        impatient.Patience = TimeSpan.FromMilliseconds(200);
        await Assert.ThrowsAsync<WireException>(() => impatient.TextAsync("PING"));
        Assert.False(asked.IsCompleted);
        redis.Thaw();
        Assert.Equal("PONG", await asked);
    }

    [Fact]
    public async Task With_TLS_and_a_password_nobody_else_comes_in()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var redis = await RedisProcess.StartAsync(new RedisStart { Tls = true, Password = "s3cret" });
        Assert.Equal("PONG", await redis.CommandAsync("PING"));
        await using var stranger = await RespClient.ConnectAsync(redis.Port, tls: true);
        var refused = await Assert.ThrowsAsync<WireException>(() => stranger.TextAsync("GET", "a"));
        Assert.StartsWith("NOAUTH", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_server_refuses_writes_and_still_reads()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var redis = await RedisProcess.StartAsync(new RedisStart { MaxMemory = "3mb" });
        await redis.CommandAsync("SET", "a", "1");
        var refused = await Assert.ThrowsAsync<WireException>(async () =>
        {
            for (var i = 0; i < 10_000; i++)
                await redis.CommandAsync("SET", $"k{i}", new string('x', 100_000));
        });
        Assert.StartsWith("OOM", refused.Message, StringComparison.Ordinal);
        Assert.Equal("1", await redis.CommandAsync("GET", "a"));
    }

    [Fact]
    public async Task A_cluster_moves_slots_and_outlives_a_primary()
    {
        Assert.SkipWhen(RedisProcess.Program is null || RedisClusterProcess.Cli is null, "redis-server or redis-cli is not installed.");
        await using var cluster = await RedisClusterProcess.StartAsync();
        var first = await cluster.PrimaryOfAsync("a");
        await first.CommandAsync("SET", "a", "1");
        await RedisClusterProcess.WaitUntilReplicatedAsync(first);

        var other = cluster.Nodes.Take(RedisClusterProcess.Primaries).First(node => node != first);
        await cluster.MoveSlotsAsync(first, other, 50);

        var owner = await cluster.PrimaryOfAsync("a");
        await owner.KillAsync();
        await cluster.WaitUntilWholeAsync();
        var next = await cluster.PrimaryOfAsync("a");
        Assert.NotEqual(owner, next);
        Assert.Equal("1", await next.CommandAsync("GET", "a"));
    }

    [Fact]
    public async Task Garnet_answers_runs_Lua_and_comes_back_empty()
    {
        Assert.SkipWhen(await GarnetProcess.MissingAsync() is not null, await GarnetProcess.MissingAsync() ?? "");
        await using var garnet = await GarnetProcess.StartAsync();
        await garnet.CommandAsync("SET", "a", "1");
        Assert.Equal("1", await garnet.CommandAsync("EVAL", "return redis.call('GET', KEYS[1])", "1", "a"));
        await garnet.KillAsync();
        await garnet.RestartAsync();
        Assert.Equal("", await garnet.CommandAsync("GET", "a"));
    }
}
