using DistCache.Fleet.Logs;
using DistCache.Fleet.Tests.Kit;
using DistCache.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Fleet.Tests.Logs;

public sealed class FilePurgeLogTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly FaultyDisk _disk = new();
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string FilePath => _folder["deep/er/purges.log"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart_word_for_word_and_in_the_same_log()
    {
        string[] before;
        ulong id;
        await using (var log = Open())
        {
            for (var i = 0; i < 5; i++)
                Assert.NotNull(await AppendAsync(log, $"tag-ü-{i}"));
            (before, id) = ((await log.AllAsync()).Lines(), (await log.MembersAsync(Cancel))!.Log);
        }
        await using var again = Open();
        Assert.Equal(before, (await again.AllAsync()).Lines());
        Assert.Equal(id, (await again.MembersAsync(Cancel))!.Log);
        Assert.Equal(6, (await AppendAsync(again, "next"))!.At.Position);
        Assert.Null(again.Trouble ?? again.Torn);
    }

    [Fact]
    public async Task An_append_that_is_repeated_after_a_restart_keeps_its_place()
    {
        var record = Purge.Of("a");
        Cursor place;
        await using (var log = Open())
            place = (await log.AppendAsync(record, 0, Cancel))!.At;
        await using var again = Open();
        await AppendAsync(again, "b");
        Assert.Equal(place, (await again.AppendAsync(record, 0, Cancel))!.At);
        Assert.Equal(2, (await again.AllAsync()).Count);
    }

    [Fact]
    public async Task An_append_is_written_then_synchronised_then_answered()
    {
        await using var log = Open();
        Assert.Equal(["open", "write", "sync", "rename", "sync folder"], _disk.Asked); // its name is on the disk before its first record
        _disk.Asked.Clear();
        await AppendAsync(log, "a");
        Assert.Equal(["write", "sync"], _disk.Asked);
    }

    [Fact]
    public async Task After_a_sync_that_failed_the_handle_is_never_used_again_and_the_next_append_opens_checks_and_goes_on()
    {
        var lost = Purge.Of("lost");
        await using (var log = Open())
        {
            await AppendAsync(log, "a");
            _disk.FailsToSync = true;
            Assert.Null(await log.AppendAsync(lost, 0, Cancel));
            Assert.Contains("Input/output error", log.Trouble);
            Assert.Null(await log.AppendAsync(lost, 0, Cancel));
            Assert.Single(await log.AllAsync()); // reads go on
            _disk.FailsToSync = false;
            Assert.Equal(2, (await log.AppendAsync(lost, 0, Cancel))!.At.Position);
            Assert.Null(log.Trouble);
        }
        Assert.Equal(0, _disk.UsedAfterFailure);
        await using var again = Open();
        Assert.Equal(["t a", "t lost"], (await again.AllAsync()).Select(entry => $"t {entry.Record.Selectors[0].Value}"));
    }

    [Fact]
    public async Task Of_a_record_that_did_not_fit_nothing_is_left_whichever_of_its_bytes_was_the_last_to_fit()
    {
        for (var space = 0; space < 100; space++)
        {
            using var folder = new Folder();
            var disk = new FaultyDisk { Waits = false };
            await using (var log = new FilePurgeLog(folder["log"], _time, 100, disk))
            {
                await AppendAsync(log, "a");
                disk.Space = space;
                Assert.Null(await AppendAsync(log, "long-enough-not-to-fit"));
                disk.Space = long.MaxValue;
                Assert.Equal(2, (await AppendAsync(log, "b"))!.At.Position);
            }
            await using var again = new FilePurgeLog(folder["log"], _time, 100, disk);
            Assert.Equal(["a", "b"], (await again.AllAsync()).Select(entry => entry.Record.Selectors[0].Value));
            Assert.Null(again.Torn);
        }
    }

    [Fact]
    public async Task A_full_disk_acknowledges_nothing_answers_reads_and_recovers_without_a_restart()
    {
        using var small = SmallDisk.TryMount();
        Assert.SkipWhen(small is null, "needs root, and a machine that lets it mount a tmpfs");
        var path = Path.Combine(small.Path, "purges.log");
        var acknowledged = 1;
        await using (var log = new FilePurgeLog(path, _time))
        {
            Assert.NotNull(await AppendAsync(log, "a"));
            var ballast = small.Fill();
            var large = new string('x', 5_000); // more than what is left of the file's last page
            while (await AppendAsync(log, large) is not null)
                acknowledged++;
            Assert.Contains("space", log.Trouble, StringComparison.OrdinalIgnoreCase);
            Assert.Null(await AppendAsync(log, large));
            Assert.Equal(acknowledged, (await log.AllAsync()).Count);
            File.Delete(ballast);
            Assert.Equal(acknowledged + 1, (await AppendAsync(log, "c"))!.At.Position);
        }
        await using var again = new FilePurgeLog(path, _time);
        Assert.Equal(acknowledged + 1, (await again.AllAsync()).Count);
    }

    [Fact]
    public async Task A_file_that_went_away_is_written_anew_once_that_is_seen()
    {
        await using (var log = Open())
        {
            await AppendAsync(log, "a");
            _disk.FailsToSync = true;
            Assert.Null(await AppendAsync(log, "b"));
            _disk.FailsToSync = false;
            File.Delete(FilePath);
            Assert.Equal(2, (await AppendAsync(log, "c"))!.At.Position);
        }
        await using var again = Open();
        Assert.Equal(["a", "c"], (await again.AllAsync()).Select(entry => entry.Record.Selectors[0].Value));
    }

    [Fact]
    public async Task What_was_acknowledged_and_is_not_in_the_file_any_more_is_written_anew_from_memory()
    {
        await using (var log = Open())
        {
            await AppendAsync(log, "a");
            await AppendAsync(log, "b");
            _disk.FailsToSync = true;
            Assert.Null(await AppendAsync(log, "c"));
            _disk.FailsToSync = false;
            var bytes = File.ReadAllBytes(FilePath);
            bytes.AsSpan(RecordFormat.HeadLength).Clear(); // the pages were dropped
            File.WriteAllBytes(FilePath, bytes);
            Assert.Equal(3, (await AppendAsync(log, "d"))!.At.Position);
        }
        await using var again = Open();
        Assert.Equal(["a", "b", "d"], (await again.AllAsync()).Select(entry => entry.Record.Selectors[0].Value));
    }

    [Fact]
    public async Task The_file_is_replaced_by_a_shorter_one_as_old_records_are_forgotten_and_the_links_go_on()
    {
        await using (var log = Open(most: 200))
        {
            for (var i = 0; i < 1_000; i++)
                Assert.NotNull(await AppendAsync(log, $"t{i}"));
            await log.TrimAsync(990, Cancel);
            await AppendAsync(log, "last");
        }
        var scan = RecordScan.Of(RecordKind.PurgeLog, File.ReadAllBytes(FilePath));
        Assert.InRange(scan.Frames, 12, 400);
        Assert.False(File.Exists(FilePath + ".new"));
        await using var again = Open(most: 200);
        Assert.Equal(1_001, (await again.AllAsync())[^1].At.Position);
        Assert.Equal(1_002, (await AppendAsync(again, "next"))!.At.Position);
    }

    [Fact]
    public async Task Where_the_folder_cannot_be_synchronised_the_new_file_is_not_believed_and_nothing_stands_in_it_twice()
    {
        await using (var log = Open(most: 200))
        {
            for (var i = 0; i < 300; i++)
                await AppendAsync(log, $"t{i}");
            await log.TrimAsync(290, Cancel);
            _disk.FailsToSyncDirectories = true;
            Assert.Null(await AppendAsync(log, "b"));
            Assert.Null(await AppendAsync(log, "b"));
            _disk.FailsToSyncDirectories = false;
            Assert.Equal(301, (await AppendAsync(log, "c"))!.At.Position);
        }
        await using var again = Open(most: 200);
        Assert.Equal("c", (await again.AllAsync())[^1].Record.Selectors[0].Value);
    }

    [Fact]
    public async Task What_the_log_lost_and_the_journal_puts_back_is_on_the_disk_too()
    {
        var lost = Purge.Entries(Cursor.Start, 3);
        await using (var log = Open())
        {
            _disk.FailsToSync = true;
            Assert.False(await log.PutBackAsync(Cursor.Start, lost, Cancel));
            _disk.FailsToSync = false;
            Assert.True(await log.PutBackAsync(Cursor.Start, lost, Cancel));
        }
        await using var again = Open();
        Assert.Equal(lost.Lines(), (await again.AllAsync()).Lines());
    }

    [Fact]
    public async Task Two_never_share_a_file_and_it_is_free_again_when_the_first_has_gone()
    {
        await using (Open())
            Assert.Contains("Two processes never share it", Assert.Throws<IOException>(() => Open()).Message);
        await using var next = Open();
        Assert.NotNull(await AppendAsync(next, "a"));
    }

    [Fact]
    public async Task Purges_that_come_all_at_once_have_each_a_place()
    {
        await using (var log = Open())
            Assert.Equal(64, (await Task.WhenAll(Enumerable.Range(0, 64).Select(i => AppendAsync(log, $"t{i}")))).Select(entry => entry!.At).Distinct().Count());
        await using var again = Open();
        Assert.Equal(64, (await again.AllAsync()).Count);
    }

    private FilePurgeLog Open(int most = 10_000) => new(FilePath, _time, most, _disk);

    private static Task<LogEntry?> AppendAsync(FilePurgeLog log, string tag) => log.AppendAsync(Purge.Of(tag), 0, Cancel);
}
