using DistCache.Redis.Tests.Kit;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;
using DistCache.Storage.Tests.Shared.Kit;
using DistCache.TestKit;

namespace DistCache.Redis.Tests.Shared;

/// <summary>What every store must do; each server runs all of it.</summary>
public abstract class RedisStoreTests
{
    private readonly TestLog _log = new();

    protected abstract string ConnectionString { get; }

    [Fact]
    public async Task One_node_finds_what_another_wrote_its_age_going_on()
    {
        await using var a = await Node.OpenAsync(ConnectionString, _log);
        await using var b = await Node.OpenAsync(ConnectionString, _log);
        await a.WriteAsync("age", "body"u8.ToArray());
        await Eventually.TrueAsync(async () => await b.FindAsync("age") is SharedAnswer.Found found && found.Residence > TimeSpan.FromMilliseconds(50));
        Assert.Equal("body"u8.ToArray(), await b.ReadAsync("age"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(3_000_000)]
    public async Task Bodies_of_every_size_come_back_whole(int length)
    {
        await using var node = await Node.OpenAsync(ConnectionString, _log);
        await node.WriteAsync($"size-{length}", Copies.Bytes(length));
        Assert.Equal(Copies.Bytes(length), await node.ReadAsync($"size-{length}"));
    }

    [Fact]
    public async Task Variants_are_found_in_one_round_trip_by_a_record_of_names()
    {
        await using var a = await Node.OpenAsync(ConnectionString, _log);
        await using var b = await Node.OpenAsync(ConnectionString, _log);
        await a.WriteAsync("vary", "gzip"u8.ToArray(), new VariantKey(["accept-encoding"], ["gzip"]));
        await a.WriteAsync("vary", "plain"u8.ToArray(), new VariantKey(["accept-encoding"], [null]));
        Assert.Equal("gzip"u8.ToArray(), await b.ReadAsync("vary", ("accept-encoding", "gzip")));
        Assert.Equal("plain"u8.ToArray(), await b.ReadAsync("vary"));
        Assert.Null(await b.ReadAsync("vary", ("accept-encoding", "br")));
        await a.WriteAsync("vary", "phone"u8.ToArray(), new VariantKey(["x-device"], ["phone"])); // the origin changed its mind
        Assert.Equal("phone"u8.ToArray(), await b.ReadAsync("vary", ("x-device", "phone")));
    }

    [Fact] // rule 16
    public async Task A_later_place_in_the_log_wins_unless_it_was_unusable()
    {
        var log = new TestLog();
        await using var a = await Node.OpenAsync(ConnectionString, log);
        await using var b = await Node.OpenAsync(ConnectionString, log);
        log.Append(PurgeMode.Hard, new PurgeSelector(PurgeScope.Tag, "elsewhere"));
        b.Follower.Follow();
        await b.WriteAsync("order", "new"u8.ToArray());
        await a.WriteAsync("order", "old"u8.ToArray(), asOf: 0);
        Assert.Equal("new"u8.ToArray(), await b.ReadAsync("order"));
        await a.WriteAsync("order", "old variant"u8.ToArray(), new VariantKey(["x"], [null]), asOf: 0);
        Assert.Equal("new"u8.ToArray(), await b.ReadAsync("order"));
        Assert.Equal(2, a.Tier.Counts["write", "older"]);
        await a.WriteAsync("order", "in its place"u8.ToArray(), asOf: 0, replaces: true);
        Assert.Equal("in its place"u8.ToArray(), await b.ReadAsync("order"));
    }

    [Fact]
    public async Task Another_log_is_another_shared_tier()
    {
        await using var a = await Node.OpenAsync(ConnectionString, _log);
        await using var b = await Node.OpenAsync(ConnectionString, new TestLog());
        await a.WriteAsync("logs", "body"u8.ToArray());
        Assert.Null(await b.ReadAsync("logs"));
    }

    [Fact] // rule 19
    public async Task One_node_fetches_for_all_until_it_has_written_or_given_up()
    {
        await using var a = await Node.OpenAsync(ConnectionString, _log);
        await using var b = await Node.OpenAsync(ConnectionString, _log);
        var lease = Assert.IsType<SharedAnswer.Missing>(await a.FindAsync("lease", wantsLease: true)).Lease;
        Assert.NotNull(lease);
        Assert.IsType<SharedAnswer.Held>(await b.FindAsync("lease", wantsLease: true));
        Assert.IsType<SharedAnswer.Missing>(await b.FindAsync("lease"));
        lease.Release();
        await Eventually.TrueAsync(async () => (lease = (await b.FindAsync("lease", wantsLease: true) as SharedAnswer.Missing)?.Lease) is not null);
        await b.WriteAsync("lease", "body"u8.ToArray(), lease: lease);
        var found = Assert.IsType<SharedAnswer.Found>(await a.FindAsync("lease", wantsLease: true));
        Assert.NotNull(Assert.IsType<SharedAnswer.Missing>(await a.Tier.TakeLeaseAsync(found, asOf: 0)).Lease); // it is stale, say
        Assert.IsType<SharedAnswer.Held>(await b.Tier.TakeLeaseAsync(found, asOf: 0));
        await a.WriteAsync("lease", "confirmed"u8.ToArray());
        Assert.IsType<SharedAnswer.Changed>(await b.Tier.TakeLeaseAsync(found, asOf: 0));
    }

    [Fact]
    public async Task A_holder_that_is_slow_keeps_it_and_one_that_dies_loses_it()
    {
        var options = new SharedOptions { Budget = TimeSpan.FromSeconds(2), Lease = TimeSpan.FromMilliseconds(600) };
        await using var b = await Node.OpenAsync(ConnectionString, _log, options);
        var a = await Node.OpenAsync(ConnectionString, _log, options);
        Assert.NotNull(Assert.IsType<SharedAnswer.Missing>(await a.FindAsync("dies", wantsLease: true)).Lease);
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(1.5))
        {
            Assert.IsType<SharedAnswer.Held>(await b.FindAsync("dies", wantsLease: true));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        await a.DisposeAsync();
        await Eventually.TrueAsync(async () => await b.FindAsync("dies", wantsLease: true) is SharedAnswer.Missing { Lease: not null });
    }

    [Fact]
    public async Task An_answer_that_cannot_be_shared_is_known_to_all_for_a_moment()
    {
        await using var a = await Node.OpenAsync(ConnectionString, _log);
        await using var b = await Node.OpenAsync(ConnectionString, _log);
        Assert.IsType<SharedAnswer.Missing>(await a.FindAsync("private", wantsLease: true)).Lease!.ReleaseAsUncacheable();
        await Eventually.TrueAsync(async () => await b.FindAsync("private", wantsLease: true) is SharedAnswer.Uncacheable);
    }

    [Fact]
    public async Task A_head_whose_chunks_are_gone_is_forgotten_but_not_its_successor()
    {
        await using var node = await Node.OpenAsync(ConnectionString, _log);
        await node.WriteAsync("gone", Copies.Bytes(200_000, seed: 1));
        var old = Assert.IsType<SharedAnswer.Found>(await node.FindAsync("gone"));
        await node.WriteAsync("gone", Copies.Bytes(200_000, seed: 2));
        old.Body.Forget();
        Assert.Equal(Copies.Bytes(200_000, seed: 2), await node.ReadAsync("gone"));
        Assert.IsType<SharedAnswer.Found>(await node.FindAsync("gone")).Body.Forget();
        await Eventually.TrueAsync(async () => await node.FindAsync("gone") is SharedAnswer.Missing);
    }
}

public sealed class OnRedis(OnRedis.Server server) : RedisStoreTests, IClassFixture<OnRedis.Server>
{
    protected override string ConnectionString => server.Redis.ConnectionString;

    [Fact] // conventions 29
    public async Task Every_key_has_an_end()
    {
        await using var node = await Node.OpenAsync(ConnectionString, new TestLog());
        await node.WriteAsync("ttl", Copies.Bytes(200_000), new VariantKey(["x"], ["1"]));
        await node.FindAsync("ttl-lease", wantsLease: true);
        await using var client = await server.Redis.ConnectAsync();
        var names = (await client.TextAsync("KEYS", "*")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(names);
        foreach (var name in names)
            Assert.NotEqual("-1", await client.TextAsync("PTTL", name));
    }

    public sealed class Server : IAsyncLifetime
    {
        public RedisProcess Redis { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Redis = await RedisProcess.StartAsync();

        public ValueTask DisposeAsync() => Redis.DisposeAsync();
    }
}

public sealed class OnGarnet : RedisStoreTests, IAsyncLifetime
{
    private static readonly Lazy<Task<GarnetProcess>> Shared = new(GarnetProcess.StartAsync);
    private GarnetProcess? _garnet;

    protected override string ConnectionString => _garnet!.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(await GarnetProcess.MissingAsync() is not null, "garnet-server cannot be restored");
        _garnet = await Shared.Value; // ends with this process
    }

    public ValueTask DisposeAsync() => default;
}

public sealed class OnCluster(OnCluster.Server server) : RedisStoreTests, IClassFixture<OnCluster.Server>
{
    protected override string ConnectionString => server.Cluster.ConnectionString;

    [Fact] // F9
    public async Task A_primary_that_dies_and_slots_that_move_are_misses_at_worst_and_it_is_used_again()
    {
        await using var node = await Node.OpenAsync(ConnectionString, new TestLog());
        for (var i = 0; i < 30; i++)
            await node.WriteAsync($"over-{i}", Copies.Bytes(100_000, i));
        var names = (await Task.WhenAll(server.Cluster.Nodes.Select(one => one.CommandAsync("KEYS", "*")))).SelectMany(text => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        var victim = await server.Cluster.PrimaryOfAsync(names[0]);
        await victim.KillAsync();
        await Eventually.TrueAsync(async () =>
        {
            for (var i = 0; i < 30; i++)
                if (await node.ReadAsync($"over-{i}") is { } body)
                    Assert.Equal(Copies.Bytes(100_000, i), body); // never something else
            await server.Cluster.WaitUntilWholeAsync();
            return node.Tier.IsAvailable;
        });
        await Eventually.TrueAsync(async () =>
        {
            for (var i = 0; i < 30; i++)
            {
                node.Tier.Writer.TryWrite(new(Copies.Response(node.Pool, $"over-{i}", Copies.Bytes(100_000, i), TimeProvider.System.GetTimestamp()), "1.1"));
                await Eventually.TrueAsync(() => node.Tier.Writer.Pending == 0);
                if (await node.ReadAsync($"over-{i}") is not { } body)
                    return false;
                Assert.Equal(Copies.Bytes(100_000, i), body);
            }
            return true;
        });
    }

    public sealed class Server : IAsyncLifetime
    {
        public RedisClusterProcess Cluster { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Cluster = await RedisClusterProcess.StartAsync();

        public ValueTask DisposeAsync() => Cluster.DisposeAsync();
    }
}
