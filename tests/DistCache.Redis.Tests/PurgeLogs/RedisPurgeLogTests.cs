using System.Collections.Concurrent;
using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using DistCache.Redis.Connections;
using DistCache.Redis.PurgeLogs;
using DistCache.Redis.Tests.Kit;
using DistCache.Storage.Purging;
using DistCache.TestKit;

namespace DistCache.Redis.Tests.PurgeLogs;

/// <summary>What a server can do to the log: lose it, be silent, be another one.</summary>
public sealed class RedisPurgeLogTests
{
    private const string Log = "dc1:{purges}:log", Rows = "dc1:{purges}:members";
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact] // F7, rule 9
    public async Task A_server_that_comes_back_without_its_last_records_shows_it_by_the_link_and_gets_them_back()
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var node = await Opened.AtAsync(redis.ConnectionString);
        var kept = await node.AppendAsync();
        await redis.CommandAsync("SAVE");
        LogEntry[] lost = [await node.AppendAsync(), await node.AppendAsync()];
        var before = await node.BeatAsync(0, null);
        await redis.KillAsync();
        await redis.RestartAsync();
        LogEntry? other = null; // another one takes the position that was used already
        await Eventually.TrueAsync(async () => (other ??= await node.Log.AppendAsync(Records.Tag("other"), 0, None)) is not null);
        Assert.Equal(lost[0].At.Position, other!.At.Position);

        var answer = await node.BeatAsync(before.Log, lost[1].At);
        Assert.Equal((before.Log, false, other.At), (answer.Log, answer.IsOn, answer.Head));
        Assert.False((await node.BeatAsync(before.Log, lost[0].At)).IsOn); // as far as the head, but not by its link
        Assert.NotEqual(before.Members.Session, answer.Members.Session);
        Assert.True(await node.Log.PutBackAsync(answer.Head, lost, None));
        var there = (await node.Log.ReadBackAsync(long.MaxValue, 10, None))!;
        Assert.Equal([kept.Record.Id, other.Record.Id, lost[0].Record.Id, lost[1].Record.Id], there.Select(entry => entry.Record.Id));
        Assert.Equal(lost.Select(entry => entry.Time), there.Skip(2).Select(entry => entry.Time));
    }

    [Fact] // F7
    public async Task A_server_that_comes_back_empty_has_another_log()
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var node = await Opened.AtAsync(redis.ConnectionString);
        var entry = await node.AppendAsync();
        var before = await node.BeatAsync(0, null);
        await redis.CommandAsync("FLUSHALL");
        Assert.False(await node.Log.PutBackAsync(Cursor.Start, [entry], None)); // nobody has made it yet
        var answer = await node.BeatAsync(before.Log, entry.At);
        Assert.Equal((true, false, Cursor.Start), (answer.IsNew, answer.IsOn, answer.Head));
        Assert.NotEqual(before.Log, answer.Log);
    }

    [Fact] // rule 1
    public async Task An_append_whose_answer_is_lost_is_in_the_log_once()
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var node = await Opened.AtAsync(redis.ConnectionString);
        await node.AppendAsync();
        var record = Records.Tag("frozen");
        redis.Freeze();
        await using (var impatient = new RedisPurgeLog(node.Connection, patience: TimeSpan.FromMilliseconds(100)))
            Assert.Null(await impatient.AppendAsync(record, 1, None));
        redis.Thaw(); // what was sent is still in its socket
        LogEntry? entry = null;
        await Eventually.TrueAsync(async () => (entry = await node.Log.AppendAsync(record, 1, None)) is not null);
        Assert.Equal(2, entry!.At.Position);
        Assert.Equal(entry.At, (await node.BeatAsync(0, null)).Head);
    }

    [Theory] // rule 10
    [InlineData("a record was removed by hand")]
    [InlineData("two records share a place, the other behind it")]
    [InlineData("two records share a place, the other before it")]
    public async Task A_hole_is_never_waited_for_who_was_not_past_it_is_not_on_the_log(string how)
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var node = await Opened.AtAsync(redis.ConnectionString);
        var entries = new List<LogEntry>();
        for (var i = 0; i < 6; i++)
            entries.Add(await node.AppendAsync());
        var id = (await node.BeatAsync(0, null)).Log;
        if (how != "a record was removed by hand")
            await redis.CommandAsync("ZADD", Log, "3", new string(how.EndsWith("behind it", StringComparison.Ordinal) ? 'f' : '0', 48)); // ids are hexadecimal, and equals stand in their order
        else
            await redis.CommandAsync("ZREMRANGEBYSCORE", Log, "3", "3");
        foreach (var past in entries.Take(3))
            Assert.False((await node.BeatAsync(id, past.At)).IsOn);
        foreach (var past in entries.Skip(3))
            Assert.Equal((true, entries[5].At), ((await node.BeatAsync(id, past.At)).IsOn, (await node.BeatAsync(id, past.At)).Head));
        Assert.Equal(7, (await node.AppendAsync()).At.Position);
        var all = await node.BeatAsync(0, null);
        Assert.Equal(Enumerable.Range((int)all.Lowest, (int)(7 - all.Lowest + 1)).Select(i => (long)i), all.Entries.Select(entry => entry.At.Position));
    }

    [Theory]
    [InlineData("allkeys-lru", true, "maxmemory-policy allkeys-lru")]
    [InlineData("volatile-lfu", false, "appendonly no")]
    [InlineData("volatile-lfu", true, null)]
    [InlineData("noeviction", true, null)]
    public async Task A_store_that_may_lose_the_log_is_doubted_by_the_name_of_its_setting(string policy, bool appends, string? doubted)
    {
        await using var redis = await RedisProcess.StartAsync(new RedisStart { MaxMemory = "50mb", MaxMemoryPolicy = policy, AppendOnly = appends });
        await using var node = await Opened.AtAsync(redis.ConnectionString);
        var doubts = await node.Log.DoubtsAsync(None);
        Assert.Equal(doubted is null ? 0 : 1, doubts.Count);
        Assert.All(doubts, doubt => Assert.Contains(doubted!, doubt, StringComparison.Ordinal));
    }

    [Fact] // rule 10
    public async Task Two_records_at_the_head_are_both_forgotten_and_nobody_has_been_past_them()
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var node = await Opened.AtAsync(redis.ConnectionString);
        LogEntry[] entries = [await node.AppendAsync(), await node.AppendAsync()];
        var id = (await node.BeatAsync(0, null)).Log;
        foreach (var other in "0f")
        {
            await redis.CommandAsync("ZADD", Log, "2", new string(other, 48));
            foreach (var past in entries)
                Assert.False((await node.BeatAsync(id, past.At)).IsOn);
            var head = (await node.BeatAsync(id, null)).Head;
            Assert.Equal(2, head.Position);
            Assert.True((await node.BeatAsync(id, head)).IsOn); // who has been mended goes on from there
        }
        Assert.Equal(3, (await node.AppendAsync()).At.Position);
    }

    [Theory] // F6
    [InlineData("killed")]
    [InlineData("frozen")]
    public async Task Without_a_server_every_step_ends_within_its_time_without_an_answer_and_it_heals(string loss)
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var connection = await RedisConnection.OpenAsync(redis.ConnectionString, "test");
        await using var log = new RedisPurgeLog(connection);
        await Eventually.TrueAsync(async () => await log.MembersAsync(None) is not null);
        if (loss == "killed")
            await redis.KillAsync();
        else
            redis.Freeze();
        var start = TimeProvider.System.GetTimestamp();
        Assert.Null(await log.AppendAsync(Records.Tag("a"), 0, None));
        Assert.Null(await log.BeatAsync(new(Records.Row("a"), 0, null, 1), None));
        Assert.Null(await log.MembersAsync(None));
        Assert.Null(await log.ReadBackAsync(1, 1, None));
        Assert.False(await log.PutBackAsync(Cursor.Start, [new(new(1, 1), DateTimeOffset.UtcNow, Records.Tag("a"))], None));
        await log.TrimAsync(1, None);
        await log.RemoveAsync([Records.Row("a")], None);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 7 * 1.0);
        Assert.NotNull(log.Failure);
        if (loss == "killed")
            await redis.RestartAsync();
        else
            redis.Thaw();
        await Eventually.TrueAsync(async () => await log.AppendAsync(Records.Tag("b"), 0, None) is not null);
        Assert.Null(log.Failure);
    }

    [Fact] // F6, rule 2
    public async Task A_server_that_is_absent_at_the_start_rings_the_bell_when_it_comes_and_again_after_each_loss()
    {
        var port = Ports.Free();
        await using var node = await Opened.AtAsync($"127.0.0.1:{port}", waits: false);
        Assert.Null(await node.Log.MembersAsync(None));
        await using var redis = await RedisProcess.StartAsync(new RedisStart { Port = port });
        await RingsAsync();
        await redis.CommandAsync("CLIENT", "KILL", "TYPE", "pubsub");
        var unheard = await node.AppendAsync(); // whether or not it was heard, the log has it
        Assert.Contains(unheard.At, (await node.BeatAsync(0, null)).Entries.Select(entry => entry.At));
        await RingsAsync();
        await redis.KillAsync();
        await redis.RestartAsync();
        await RingsAsync();

        async Task RingsAsync()
        {
            var sent = new ConcurrentDictionary<ulong, bool>();
            var rang = false;
            void Hear(LogEntry entry)
            {
                if (sent.ContainsKey(entry.Record.Id))
                    Volatile.Write(ref rang, true);
            }
            node.Log.Bell += Hear;
            await Eventually.TrueAsync(async () =>
            {
                var record = Records.Tag("bell");
                sent[record.Id] = true;
                await node.Log.AppendAsync(record, 0, None);
                return Volatile.Read(ref rang);
            });
            node.Log.Bell -= Hear;
        }
    }

    [Fact] // rule 2
    public async Task Its_keys_have_no_end_and_one_tag()
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var node = await Opened.AtAsync(redis.ConnectionString);
        await node.AppendAsync();
        await node.BeatAsync(0, null);
        Assert.Equal(new[] { Log, Rows }, (await redis.CommandAsync("KEYS", "*")).Split('\n').Order());
        Assert.Equal(("-1", "-1"), (await redis.CommandAsync("PTTL", Log), await redis.CommandAsync("PTTL", Rows)));
    }

    [Fact] // rule 8
    public async Task A_session_lasts_as_long_as_the_server_s_run()
    {
        await using var redis = await RedisProcess.StartAsync(new RedisStart { AppendOnly = true });
        await using var node = await Opened.AtAsync(redis.ConnectionString);
        await node.AppendAsync();
        var first = await node.BeatAsync(0, null);
        Assert.Equal(first.Members.Session, (await node.Log.MembersAsync(None))!.Session);
        await redis.KillAsync();
        await redis.RestartAsync();
        MembersAnswer? again = null;
        await Eventually.TrueAsync(async () => (again = await node.Log.MembersAsync(None)) is not null);
        Assert.NotEqual(first.Members.Session, again!.Session);
        Assert.Equal(first.Log, again.Log);
    }

    [Fact] // rule 8
    public async Task Only_of_a_server_alone_is_it_known_that_nobody_takes_its_place()
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var node = await Opened.AtAsync(redis.ConnectionString, waits: false);
        Assert.Null(node.Log.TakeOverTime);
        await Eventually.TrueAsync(async () => await node.Log.MembersAsync(None) is not null);
        Assert.Equal(TimeSpan.Zero, node.Log.TakeOverTime);
        await using (await RedisProcess.StartAsync(new RedisStart { Arguments = ["--replicaof", "127.0.0.1", $"{redis.Port}"] }))
            await Eventually.TrueAsync(async () => await node.Log.MembersAsync(None) is not null && node.Log.TakeOverTime is null);
        await node.Log.MembersAsync(None);
        Assert.Null(node.Log.TakeOverTime); // it may be primary by now, where we cannot see it
        await using var told = new RedisPurgeLog(node.Connection, takeOver: TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(3), told.TakeOverTime);
    }

    [Fact] // rule 1: what the script computes is what every node does
    public async Task The_script_and_the_program_agree_on_the_link()
    {
        await using var redis = await RedisProcess.StartAsync();
        foreach (var (before, id) in new (ulong, ulong)[] { (0, 0), (0, 1), (ulong.MaxValue, 0x0123456789abcdef), (PurgeRecord.NewId(), PurgeRecord.NewId()) })
            Assert.Equal($"{Cursor.LinkOf(before, id):x16}", await redis.CommandAsync("EVAL", $"return string.sub(redis.sha1hex('{before:x16}' .. '{id:x16}'), 1, 16)", "0"));
    }

    [Fact]
    public async Task What_a_later_version_wrote_purges_everything_and_is_a_member_that_is_waited_for()
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var node = await Opened.AtAsync(redis.ConnectionString);
        var id = (await node.BeatAsync(0, null)).Log;
        await redis.CommandAsync("ZADD", Log, "1", "00000000000000071d2d3d4d5d6d7d8d1700000000000000{\"Revision\":2}");
        await redis.CommandAsync("HSET", Rows, "later#00000000000000aa", "?");
        var answer = await node.BeatAsync(id, Cursor.Start);
        var record = Assert.Single(answer.Entries).Record;
        Assert.Equal((7UL, PurgeMode.Hard, PurgeSelector.Everything), (record.Id, record.Mode, Assert.Single(record.Selectors)));
        var row = Assert.Single(answer.Members.Rows, row => row.Node == "later");
        Assert.Equal(("later#00000000000000aa", false), (row.Key, row.Fences));
    }

    [Fact]
    public async Task Only_who_asked_can_stop_it()
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var node = await Opened.AtAsync(redis.ConnectionString);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => node.Log.MembersAsync(new(canceled: true)));
        await redis.CommandAsync("SET", Rows, "someone else's");
        Assert.Null(await node.Log.MembersAsync(None));
        Assert.Contains("WRONGTYPE", node.Log.Failure);
    }

    [Fact]
    public async Task Many_records_are_put_back_in_their_order()
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var node = await Opened.AtAsync(redis.ConnectionString);
        await node.BeatAsync(0, null);
        var lost = Enumerable.Range(0, 1_234).Select(i => new LogEntry(new(i + 1, 0), DateTimeOffset.UnixEpoch.AddSeconds(i), Records.Tag($"t{i}"))).ToArray();
        Assert.True(await node.Log.PutBackAsync(Cursor.Start, lost, None));
        Assert.Equal(lost.Select(entry => entry.Record.Id), (await node.Log.ReadBackAsync(long.MaxValue, 2_000, None))!.Select(entry => entry.Record.Id));
    }

    private sealed class Opened(RedisConnection connection, RedisPurgeLog log) : IAsyncDisposable
    {
        public RedisConnection Connection => connection;

        public RedisPurgeLog Log => log;

        public static async Task<Opened> AtAsync(string connectionString, bool waits = true)
        {
            var connection = await RedisConnection.OpenAsync(connectionString, "test");
            if (waits)
                await Eventually.TrueAsync(() => connection.IsConnected);
            return new(connection, new(connection, patience: Records.Patience));
        }

        public async Task<LogEntry> AppendAsync() => (await log.AppendAsync(Records.Tag("t"), 0, None))!;

        public async Task<BeatAnswer> BeatAsync(ulong of, Cursor? after) => (await log.BeatAsync(new(Records.Row("me"), of, after, 1_000), None))!;

        public async ValueTask DisposeAsync()
        {
            await log.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
