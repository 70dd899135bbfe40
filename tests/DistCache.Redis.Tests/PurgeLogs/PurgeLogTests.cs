using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using DistCache.Redis.Tests.Kit;
using DistCache.Storage.Purging;
using DistCache.TestKit;

namespace DistCache.Redis.Tests.PurgeLogs;

/// <summary>What every purge log must do, the one in memory too.</summary>
public abstract class PurgeLogTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>Another user of the log of that name.</summary>
    private protected abstract Task<IPurgeLog> OpenAsync(string name);

    [Fact] // rules 1 and 2
    public async Task Eight_who_append_at_once_get_dense_positions_whose_links_bind_all_before()
    {
        var logs = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OpenAsync("dense")));
        var appended = await Task.WhenAll(logs.Select(async log =>
        {
            var entries = new List<LogEntry>();
            for (var i = 0; i < 50; i++)
                entries.Add((await log.AppendAsync(Records.Tag($"t{i}"), 0, None))!);
            return entries;
        }));
        Assert.Equal(Enumerable.Range(1, 400).Select(i => (long)i), appended.SelectMany(entries => entries).Select(entry => entry.At.Position).Order());
        var read = (await logs[0].ReadBackAsync(long.MaxValue, 1_000, None))!;
        var at = Cursor.Start;
        foreach (var entry in read)
            Assert.Equal(at = at.Next(entry.Record.Id), entry.At);
        Assert.Equal(400, read.Count);
        Assert.Equal(at, (await BeatAsync(logs[1]))!.Head);
    }

    [Fact] // rule 1
    public async Task An_append_that_is_repeated_keeps_its_place()
    {
        var (log, other) = (await OpenAsync("again"), await OpenAsync("again"));
        var record = Records.Tag("a");
        var first = await log.AppendAsync(record, 0, None);
        for (var i = 0; i < 600; i++)
            await other.AppendAsync(Records.Tag("b"), 600, None);
        Assert.Equal(first!.At, (await log.AppendAsync(record, 0, None))!.At);
        Assert.Equal(601, (await BeatAsync(log))!.Head.Position);
    }

    [Theory]
    [InlineData(PurgeMode.Hard, "")]
    [InlineData(PurgeMode.Soft, "ops \"ünder\" \0 \\")]
    public async Task A_record_comes_back_as_it_was_appended_with_the_log_s_time(PurgeMode mode, string by)
    {
        var log = await OpenAsync($"record-{mode}");
        var record = new PurgeRecord(PurgeRecord.NewId(), [.. Enum.GetValues<PurgeScope>().Select(scope => new PurgeSelector(scope, $"<{scope}> é😀'\n"))], mode, by);
        var appended = await log.AppendAsync(record, 0, None);
        foreach (var entry in new[] { appended!, Assert.Single((await BeatAsync(log))!.Entries), Assert.Single((await log.ReadBackAsync(2, 1, None))!) })
        {
            Assert.Equal((appended!.At, appended.Time), (entry.At, entry.Time));
            Assert.Equal((record.Id, record.Mode, record.By), (entry.Record.Id, entry.Record.Mode, entry.Record.By));
            Assert.Equal(record.Selectors, entry.Record.Selectors);
            Assert.InRange(entry.Time, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
        }
    }

    [Fact] // rule 3
    public async Task The_first_beat_makes_the_log_and_each_brings_what_lies_behind_the_cursor()
    {
        var (log, other) = (await OpenAsync("beat"), await OpenAsync("beat"));
        var made = (await BeatAsync(log))!;
        Assert.Equal((true, Cursor.Start, 1L, true), (made.IsNew, made.Head, made.Lowest, made.IsOn));
        var entries = await AppendAsync(other, 5);
        var all = (await BeatAsync(log, made.Log, Cursor.Start))!;
        Assert.False(all.IsNew);
        Assert.Equal(made.Log, all.Log);
        Assert.Equal(entries.Select(entry => entry.At), all.Entries.Select(entry => entry.At));
        Assert.Equal([4L, 5], (await BeatAsync(log, made.Log, entries[2].At))!.Entries.Select(entry => entry.At.Position));
        Assert.Equal([1L, 2], (await BeatAsync(log, most: 2))!.Entries.Select(entry => entry.At.Position));
        var level = (await BeatAsync(log, made.Log, entries[4].At))!;
        Assert.Equal((true, entries[4].At), (level.IsOn, level.Head));
        Assert.Empty(level.Entries);
    }

    [Fact] // rules 1 and 9
    public async Task A_cursor_of_another_branch_or_log_or_ahead_of_it_is_not_on_it()
    {
        var log = await OpenAsync("branch");
        var entries = await AppendAsync(log, 2);
        var id = (await BeatAsync(log))!.Log;
        foreach (var (of, at) in new[] { (id, new Cursor(1, 7)), (id, new Cursor(0, 7)), (id, entries[1].At.Next(1)), (id + 1, entries[1].At) })
        {
            var answer = (await BeatAsync(log, of, at))!;
            Assert.False(answer.IsOn);
            Assert.Empty(answer.Entries);
            Assert.Equal(entries[1].At, answer.Head);
        }
    }

    [Fact] // rule 9
    public async Task What_was_lost_is_put_back_behind_the_tail_and_nowhere_else()
    {
        var (log, before) = (await OpenAsync("putback"), await OpenAsync("putback-before"));
        var lost = await AppendAsync(before, 3);
        var tail = (await AppendAsync(log, 1))[0].At;
        Assert.False(await log.PutBackAsync(Cursor.Start, lost, None));
        Assert.False(await log.PutBackAsync(tail with { Link = 1 }, lost, None));
        Assert.True(await log.PutBackAsync(tail, lost, None));
        Assert.False(await log.PutBackAsync(tail, lost, None));
        var there = (await log.ReadBackAsync(long.MaxValue, 100, None))!.Skip(1).ToArray();
        Assert.Equal(lost.Select(entry => (entry.Record.Id, entry.Time)), there.Select(entry => (entry.Record.Id, entry.Time)));
        Assert.Equal(tail.Next(lost[0].Record.Id).Next(lost[1].Record.Id).Next(lost[2].Record.Id), there[^1].At);
        Assert.Equal(4, there[^1].At.Position);
    }

    [Fact] // rule 10
    public async Task A_trim_forgets_what_lies_below_keeps_the_last_and_says_who_is_past_it()
    {
        var log = await OpenAsync("trim");
        var entries = await AppendAsync(log, 6);
        await log.TrimAsync(4, None);
        var id = (await BeatAsync(log))!.Log;
        Assert.Equal(4, (await BeatAsync(log))!.Lowest);
        Assert.False((await BeatAsync(log, id, entries[1].At))!.IsOn);
        Assert.Equal([4L, 5, 6], (await BeatAsync(log, id, entries[2].At))!.Entries.Select(entry => entry.At.Position));
        Assert.Equal([4L, 5, 6], (await log.ReadBackAsync(long.MaxValue, 100, None))!.Select(entry => entry.At.Position));
        await log.TrimAsync(2, None);
        Assert.Equal(4, (await BeatAsync(log))!.Lowest);
        await log.TrimAsync(100, None);
        Assert.Equal([6L], (await BeatAsync(log))!.Entries.Select(entry => entry.At.Position));
        Assert.Equal(entries[5].At.Position + 1, (await AppendAsync(log, 1))[0].At.Position);
    }

    [Fact]
    public async Task Read_back_gives_the_last_before_a_place_in_order()
    {
        var log = await OpenAsync("back");
        await AppendAsync(log, 6);
        Assert.Equal([4L, 5, 6], (await log.ReadBackAsync(long.MaxValue, 3, None))!.Select(entry => entry.At.Position));
        Assert.Equal([2L, 3], (await log.ReadBackAsync(4, 2, None))!.Select(entry => entry.At.Position));
        Assert.Empty((await log.ReadBackAsync(1, 2, None))!);
        Assert.Empty((await (await OpenAsync("back-empty")).ReadBackAsync(long.MaxValue, 2, None))!);
    }

    [Fact] // rules 3 and 8
    public async Task A_beat_that_comes_late_does_not_hide_a_later_one()
    {
        var log = await OpenAsync("rows");
        var row = Records.Row("a") with { Region = "eu", Lease = TimeSpan.FromSeconds(5), Applied = new(3, ulong.MaxValue), HoldsLease = true };
        await log.BeatAsync(new(row with { Beat = 10 }, 0, null, 1), None);
        await log.BeatAsync(new(row with { Beat = 9, HoldsLease = false }, 0, null, 1), None);
        Assert.Equal(row with { Beat = 10 }, Assert.Single((await log.MembersAsync(None))!.Rows));
        await log.BeatAsync(new(row with { Beat = 11, HasLeft = true }, 0, null, 1), None);
        Assert.Equal(row with { Beat = 11, HasLeft = true }, Assert.Single((await BeatAsync(log, row: row))!.Members.Rows));
    }

    [Fact]
    public async Task A_run_replaces_one_that_is_dead_and_who_is_gone_is_removed()
    {
        var log = await OpenAsync("gone");
        var (old, other) = (Records.Row("a"), Records.Row("b"));
        await BeatAsync(log, row: old);
        await BeatAsync(log, row: other);
        var next = Records.Row("a") with { Replaces = old.Run };
        var answer = await BeatAsync(log, row: next); // what the dead one has said last goes to its successor, and to nobody after it
        Assert.Equal([.. new[] { old.Key, next.Key, other.Key }.Order()], answer!.Members.Rows.Select(row => row.Key).Order());
        Assert.Equal([.. new[] { next.Key, other.Key }.Order()], (await log.MembersAsync(None))!.Rows.Select(row => row.Key).Order());
        await log.RemoveAsync([other with { Beat = other.Beat - 1 }], None); // as it was read before its last beat
        Assert.Equal(2, (await log.MembersAsync(None))!.Rows.Count);
        await log.RemoveAsync([Records.Row("unknown"), other], None);
        await log.RemoveAsync([], None);
        Assert.Equal(next.Key, Assert.Single((await log.MembersAsync(None))!.Rows).Key);
    }

    [Fact] // rules 7 and 8
    public async Task Who_is_forgotten_has_left_for_all_and_is_told_when_it_comes_back()
    {
        var log = await OpenAsync("forgotten");
        var row = Records.Row("a") with { Beat = 10, Lease = TimeSpan.FromSeconds(5), HoldsLease = true };
        await BeatAsync(log, row: row);
        Assert.False(await log.ForgetAsync(row with { Beat = 9 }, None)); // it has beaten since
        Assert.Equal(row, Assert.Single((await log.MembersAsync(None))!.Rows));
        Assert.True(await log.ForgetAsync(row, None));
        Assert.Equal(row.Gone(), Assert.Single((await log.MembersAsync(None))!.Rows));
        await log.RemoveAsync([row], None); // by whom it is tidied up, a minute later

        Assert.False((await BeatAsync(log, row: Records.Row("a")))!.WasForgotten); // another run of that name
        for (var beat = 11; beat < 13; beat++)
            Assert.True((await BeatAsync(log, row: row with { Beat = beat }))!.WasForgotten);
        Assert.False((await log.BeatAsync(new(row with { Beat = 13 }, 0, null, 1) { HasHeard = true }, None))!.WasForgotten);
        var answer = (await BeatAsync(log, row: row with { Beat = 14 }))!;
        Assert.False(answer.WasForgotten);
        Assert.Contains(row with { Beat = 14 }, answer.Members.Rows);
        Assert.True(await log.ForgetAsync(Records.Row("lost"), None)); // one whose row the store has lost is remembered by others
    }

    [Fact] // rule 2
    public async Task The_bell_brings_records_in_order()
    {
        var (log, other) = (await OpenAsync("bell"), await OpenAsync("bell"));
        var heard = new List<LogEntry>();
        log.Bell += entry => { lock (heard) heard.Add(entry); };
        await Eventually.TrueAsync(async () => // it is not there from the first moment on
        {
            await AppendAsync(other, 1);
            lock (heard)
                return heard.Count > 0;
        });
        lock (heard)
            heard.Clear();
        var entries = await AppendAsync(other, 50);
        await Eventually.TrueAsync(() => { lock (heard) return heard.Any(entry => entry.At == entries[49].At); });
        Assert.Equal(entries.Select(entry => (entry.At, entry.Record.Id)), heard.TakeLast(50).Select(entry => (entry.At, entry.Record.Id)));
    }

    private protected static async Task<LogEntry[]> AppendAsync(IPurgeLog log, int count)
    {
        var entries = new LogEntry[count];
        for (var i = 0; i < count; i++)
            entries[i] = (await log.AppendAsync(Records.Tag($"t{i}"), 0, None))!;
        return entries;
    }

    private static Task<BeatAnswer?> BeatAsync(IPurgeLog log, ulong of = 0, Cursor? after = null, int most = 1_000, MemberRow? row = null) =>
        log.BeatAsync(new(row ?? Records.Row("me"), of, after, most), None);
}

public sealed class InMemory : PurgeLogTests
{
    private readonly Dictionary<string, MemoryPurgeLog> _logs = [];

    private protected override Task<IPurgeLog> OpenAsync(string name)
    {
        lock (_logs)
            return Task.FromResult<IPurgeLog>(_logs.TryGetValue(name, out var log) ? log : _logs[name] = new(TimeProvider.System));
    }
}

public sealed class InRedis(InRedis.Server server) : InStore, IClassFixture<InRedis.Server>
{
    private protected override Task<string> ServerAsync() => Task.FromResult(server.Redis.ConnectionString);

    public sealed class Server : IAsyncLifetime
    {
        public RedisProcess Redis { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Redis = await RedisProcess.StartAsync();

        public ValueTask DisposeAsync() => Redis.DisposeAsync();
    }
}

public sealed class InGarnet : InStore
{
    private static readonly Lazy<Task<GarnetProcess>> Shared = new(GarnetProcess.StartAsync);

    private protected override async Task<string> ServerAsync()
    {
        Assert.SkipWhen(await GarnetProcess.MissingAsync() is not null, "garnet-server cannot be restored");
        return (await Shared.Value).ConnectionString; // ends with this process
    }
}

public sealed class InCluster(InCluster.Server server) : InStore, IClassFixture<InCluster.Server>
{
    private protected override Task<string> ServerAsync() => Task.FromResult(server.Cluster.ConnectionString);

    public sealed class Server : IAsyncLifetime
    {
        public RedisClusterProcess Cluster { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Cluster = await RedisClusterProcess.StartAsync();

        public ValueTask DisposeAsync() => Cluster.DisposeAsync();
    }
}
