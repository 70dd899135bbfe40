using System.Collections.Concurrent;
using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using DistCache.Redis.Connections;
using DistCache.Redis.PurgeLogs;
using DistCache.Storage.Purging;

namespace DistCache.Redis.Tests.PurgeLogs;

/// <summary>The same on a server; each user has a connection of its own.</summary>
public abstract class InStore : PurgeLogTests, IAsyncDisposable
{
    private readonly ConcurrentBag<IAsyncDisposable> _opened = [];
    private readonly string _test = Guid.NewGuid().ToString("n");

    private protected abstract Task<string> ServerAsync();

    [Fact] // rule 5: a page has to come within a step's patience, over a narrow way too
    public async Task A_page_ends_after_256_KiB_and_brings_one_record_at_least()
    {
        var log = await OpenAsync("long");
        var (text, entries) = (new string('x', 50_000), new List<LogEntry>());
        for (var i = 0; i < 30; i++)
            entries.Add((await log.AppendAsync(new(PurgeRecord.NewId(), [new(PurgeScope.Url, text)], PurgeMode.Hard, ""), 0, CancellationToken.None))!);
        entries.Add((await log.AppendAsync(new(PurgeRecord.NewId(), [new(PurgeScope.Url, new string('x', 400_000))], PurgeMode.Hard, ""), 0, CancellationToken.None))!);

        var (read, at, id) = (new List<LogEntry>(), Cursor.Start, (await PageAsync(0, null)).Log);
        while (await PageAsync(id, at) is { Entries: { Count: > 0 } page })
        {
            Assert.InRange(page.Count, 1, 6);
            read.AddRange(page);
            at = page[^1].At;
        }
        Assert.Equal(entries.Select(entry => entry.At), read.Select(entry => entry.At));

        Assert.Equal(31, Assert.Single((await log.ReadBackAsync(long.MaxValue, 1_000, CancellationToken.None))!).At.Position);
        var back = (await log.ReadBackAsync(31, 1_000, CancellationToken.None))!;
        Assert.InRange(back.Count, 1, 6);
        Assert.Equal(entries[(30 - back.Count)..30].Select(entry => entry.At), back.Select(entry => entry.At));

        async Task<BeatAnswer> PageAsync(ulong of, Cursor? after) => (await log.BeatAsync(new(Records.Row("me"), of, after, 1_000), CancellationToken.None))!;
    }

    [Fact] // rule 9
    public async Task Long_records_are_put_back_in_several_steps()
    {
        var (log, before) = (await OpenAsync("long-lost"), await OpenAsync("long-lost-before"));
        var lost = new List<LogEntry>();
        for (var i = 0; i < 5; i++)
            lost.Add((await before.AppendAsync(new(PurgeRecord.NewId(), [new(PurgeScope.Url, new string('x', 300_000))], PurgeMode.Hard, ""), 0, CancellationToken.None))!);
        Assert.Equal([2, 2, 1], RedisPurgeLog.Parts(lost).Select(part => part.Count)); // of 600,000 bytes each
        var tail = (await AppendAsync(log, 1))[0].At;
        Assert.True(await log.PutBackAsync(tail, lost, CancellationToken.None));
        Assert.Equal(6, (await log.BeatAsync(new(Records.Row("me"), 0, null, 1), CancellationToken.None))!.Head.Position);
    }

    private protected override async Task<IPurgeLog> OpenAsync(string name)
    {
        var connection = await RedisConnection.OpenAsync(await ServerAsync(), "test");
        var log = new RedisPurgeLog(connection, $"{_test}-{name}", patience: Records.Patience);
        _opened.Add(connection);
        _opened.Add(log);
        return log;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var one in _opened)
            await one.DisposeAsync();
    }
}

internal static class Records
{
    /// <summary>Most tests are not about time, and the machine is busy.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static PurgeRecord Tag(string tag) => new(PurgeRecord.NewId(), [new(PurgeScope.Tag, tag)], PurgeMode.Hard, "test");

    public static MemberRow Row(string node) => new() { Node = node, Run = PurgeRecord.NewId() };
}
