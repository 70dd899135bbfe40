using DistCache.Redis.Tests.Kit;
using DistCache.Storage.Shared;
using DistCache.Storage.Tests.Shared.Kit;
using DistCache.TestKit;

namespace DistCache.Redis.Tests.Shared;

/// <summary>P8, F6 to F8 on a real server. Times of a busy machine: the promise is on the median and most, not on each.</summary>
public sealed class RedisOutageTests
{
    private static readonly SharedOptions Budget = new();

    [Theory]
    [InlineData("frozen")]
    [InlineData("killed")]
    public async Task From_two_seconds_after_a_loss_a_look_up_costs_nothing_and_within_five_of_its_return_it_is_used_again(string loss)
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var node = await Node.OpenAsync(redis.ConnectionString, new TestLog(), Budget);
        await Eventually.TrueAsync(async () => await node.FindAsync("warm") is SharedAnswer.Missing);
        if (loss == "frozen")
            redis.Freeze();
        else
            await redis.KillAsync();
        var took = await LookUpsAsync(node, TimeSpan.FromSeconds(3));
        Assert.InRange(took.Max(look => look.Took.TotalMilliseconds), 0, 1000); // the client's own defaults: 5.7 s
        Assert.InRange(took.Where(look => look.At > TimeSpan.FromSeconds(2)).Average(look => look.Took.TotalMilliseconds), 0, 10);
        Assert.False(node.Tier.IsAvailable);

        var back = TimeProvider.System.GetTimestamp();
        if (loss == "frozen")
            redis.Thaw();
        else
            await redis.RestartAsync();
        await Eventually.TrueAsync(async () => await node.FindAsync("warm") is not SharedAnswer.Unavailable);
        Assert.InRange(TimeProvider.System.GetElapsedTime(back).TotalSeconds, 0, 5);
    }

    [Fact] // F6
    public async Task A_server_that_is_absent_at_the_start_is_used_when_it_comes()
    {
        var port = Ports.Free();
        var start = TimeProvider.System.GetTimestamp();
        await using var node = await Node.OpenAsync($"127.0.0.1:{port}", new TestLog(), Budget);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 5);
        Assert.IsType<SharedAnswer.Unavailable>(await node.FindAsync("k"));
        await using var redis = await RedisProcess.StartAsync(new RedisStart { Port = port });
        var back = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(async () => await node.FindAsync("k") is SharedAnswer.Missing);
        Assert.InRange(TimeProvider.System.GetElapsedTime(back).TotalSeconds, 0, 5);
    }

    [Fact] // F8
    public async Task A_full_store_drops_writes_and_says_so()
    {
        await using var redis = await RedisProcess.StartAsync(new RedisStart { MaxMemory = "3mb" });
        await using var node = await Node.OpenAsync(redis.ConnectionString, new TestLog());
        await WriteAsync(node, 0, 100);
        Assert.True(node.Tier.Counts["write", "refused"] > 0);
        Assert.True(node.Tier.IsAvailable); // it answers: what is there can be read
        await redis.CommandAsync("CONFIG", "SET", "maxmemory", "1mb"); // before, one in between found the room that a connection's buffer had taken
        await WriteAsync(node, 100, 20);
        Assert.Equal(("OOM", true), (node.Tier.Refused, node.Tier.IsAvailable));
        Assert.Null(Assert.IsType<SharedAnswer.Missing>(await node.FindAsync("another", wantsLease: true)).Lease);
        for (var i = 0; i < 100; i++)
            if (await node.ReadAsync($"k{i}") is { } body)
                Assert.Equal(Copies.Bytes(60_000, i), body);
    }

    [Fact]
    public async Task A_server_whose_user_may_run_no_scripts_is_told_until_it_may()
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var node = await Node.OpenAsync(redis.ConnectionString, new TestLog());
        await Eventually.TrueAsync(async () => await node.FindAsync("k") is SharedAnswer.Missing);
        await redis.CommandAsync("ACL", "SETUSER", "default", "-@scripting");
        for (var i = 0; i < 20; i++)
            Assert.IsType<SharedAnswer.Unavailable>(await node.FindAsync("k"));
        Assert.Equal(("NOPERM", true), (node.Tier.Refused, node.Tier.IsAvailable));
        await redis.CommandAsync("ACL", "SETUSER", "default", "+@scripting");
        await Eventually.TrueAsync(async () => await node.FindAsync("k") is SharedAnswer.Missing);
        Assert.Null(node.Tier.Refused);
    }

    [Fact]
    public async Task The_password_comes_from_the_connection_string()
    {
        await using var redis = await RedisProcess.StartAsync(new RedisStart { Password = "p4ss" });
        await using var known = await Node.OpenAsync(redis.ConnectionString, new TestLog());
        Assert.IsType<SharedAnswer.Missing>(await known.FindAsync("k"));
        await using var refused = await Node.OpenAsync(redis.ConnectionString.Replace("p4ss", "wrong", StringComparison.Ordinal), new TestLog());
        Assert.IsType<SharedAnswer.Unavailable>(await refused.FindAsync("k"));
    }

    private static async Task WriteAsync(Node node, int first, int count)
    {
        for (var i = first; i < first + count; i++)
            node.Tier.Writer.TryWrite(new(Copies.Response(node.Pool, $"k{i}", Copies.Bytes(60_000, i), TimeProvider.System.GetTimestamp()), "1.1"));
        await Eventually.TrueAsync(() => node.Tier.Writer.Pending == 0);
    }

    private static async Task<List<(TimeSpan At, TimeSpan Took)>> LookUpsAsync(Node node, TimeSpan howLong)
    {
        var looks = new List<(TimeSpan, TimeSpan)>();
        var start = TimeProvider.System.GetTimestamp();
        for (var i = 0; TimeProvider.System.GetElapsedTime(start) < howLong; i++)
        {
            var asked = TimeProvider.System.GetTimestamp();
            await node.FindAsync($"k{i}");
            looks.Add((TimeProvider.System.GetElapsedTime(start), TimeProvider.System.GetElapsedTime(asked)));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
        return looks;
    }
}
