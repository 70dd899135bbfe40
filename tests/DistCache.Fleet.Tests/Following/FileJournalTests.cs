using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;
using DistCache.Fleet.Tests.Kit;

namespace DistCache.Fleet.Tests.Following;

public sealed class FileJournalTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly FaultyDisk _disk = new();
    private ulong _run;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_one_holds_nothing_and_one_that_was_begun_holds_its_log()
    {
        using var journal = Open();
        Assert.Null(journal.Read());
        Assert.True(journal.TryBegin(7, new(41, 0)));
        Assert.Equal((7ul, new Cursor(41, 0), 0), Shape(journal.Read()));
    }

    [Fact]
    public void What_was_kept_is_read_in_order_after_a_restart_and_no_record_waits_for_the_disk()
    {
        var entries = Purge.Entries(new(41, 0), 6); // the link behind which a trimmed log begins is not known
        using (var journal = Open())
        {
            journal.TryBegin(7, new(41, 0));
            Assert.True(journal.TryKeep(entries[..1]));
            Assert.True(journal.TryKeep(entries[1..]));
            Assert.DoesNotContain("sync", _disk.Asked);
        }
        using var again = Open();
        Assert.Equal(entries.Lines(), again.Read()!.Entries.Lines());
        Assert.Null(again.Trouble ?? again.Torn);
    }

    [Fact]
    public void An_entry_at_a_place_that_is_taken_replaces_all_from_there_on()
    {
        var lost = Purge.Entries(Cursor.Start, 5);
        var branch = Purge.Entries(lost[1].At, 1);
        using (var journal = Begun())
        {
            journal.TryKeep(lost);
            journal.TryKeep(branch);
            Assert.Equal([.. lost[..2].Lines(), .. branch.Lines()], journal.Read()!.Entries.Lines());
        }
        using var again = Open();
        Assert.Equal([.. lost[..2].Lines(), .. branch.Lines()], again.Read()!.Entries.Lines());
    }

    [Fact]
    public void Cut_anywhere_it_holds_the_records_that_were_whole()
    {
        var entries = Purge.Entries(Cursor.Start, 3);
        using (var journal = Begun())
            journal.TryKeep(entries);
        var bytes = File.ReadAllBytes(FilePath);
        var longest = 0;
        for (var length = RecordFormat.HeadLength; length <= bytes.Length; length++)
        {
            File.WriteAllBytes(FilePath, bytes[..length]);
            using var journal = Open();
            var kept = journal.Read()!.Entries;
            Assert.Equal(entries[..kept.Count].Lines(), kept.Lines());
            Assert.InRange(kept.Count, longest, longest + 1);
            longest = kept.Count;
        }
        Assert.Equal(3, longest);
    }

    [Fact]
    public void Damaged_it_holds_nothing_says_why_and_can_be_begun_again()
    {
        using (var journal = Begun())
            journal.TryKeep(Purge.Entries(Cursor.Start, 3));
        var bytes = File.ReadAllBytes(FilePath);
        bytes[RecordFormat.HeadLength + 20] ^= 1;
        File.WriteAllBytes(FilePath, bytes);
        using (var journal = Open())
        {
            Assert.Null(journal.Read());
            Assert.Contains("checksum", journal.Trouble);
            Assert.False(journal.TryKeep(Purge.Entries(Cursor.Start, 1)));
            Assert.True(journal.TryBegin(8, Cursor.Start));
            Assert.True(journal.TryKeep(Purge.Entries(Cursor.Start, 1)));
            Assert.Null(journal.Trouble);
        }
        using var again = Open();
        Assert.Equal((8ul, Cursor.Start, 1), Shape(again.Read()));
    }

    [Fact]
    public void On_a_full_disk_nothing_is_kept_and_the_same_records_are_once_there_is_space()
    {
        var entries = Purge.Entries(Cursor.Start, 4);
        using (var journal = Begun())
        {
            journal.TryKeep(entries[..2]);
            _disk.Space = 150;
            Assert.False(journal.TryKeep(entries[2..]));
            Assert.Contains("space", journal.Trouble);
            Assert.False(journal.TryKeep(entries[2..]));
            _disk.Space = long.MaxValue;
            Assert.True(journal.TryKeep(entries[2..]));
        }
        using var again = Open();
        Assert.Equal(entries.Lines(), again.Read()!.Entries.Lines());
    }

    [Fact]
    public void A_log_whose_beginning_could_not_be_written_never_continues_the_one_before()
    {
        using (var journal = Begun())
        {
            journal.TryKeep(Purge.Entries(Cursor.Start, 2));
            _disk.Space = 0;
            Assert.False(journal.TryBegin(8, new(2, 0)));
            Assert.Null(journal.Read());
            Assert.False(journal.TryKeep(Purge.Entries(new(2, 0), 1)));
            _disk.Space = long.MaxValue;
            Assert.True(journal.TryKeep(Purge.Entries(new(2, 0), 1)));
        }
        using var again = Open();
        Assert.Equal((8ul, new Cursor(2, 0), 1), Shape(again.Read()));
    }

    [Fact]
    public void It_keeps_the_last_records_and_the_link_of_the_place_before_them()
    {
        var entries = Purge.Entries(Cursor.Start, 1_000);
        using (var journal = Begun(most: 50))
            foreach (var entry in entries)
                Assert.True(journal.TryKeep([entry]));
        using var again = Open();
        var kept = again.Read()!;
        Assert.InRange(kept.Entries.Count, 50, 101);
        Assert.Equal(entries[^kept.Entries.Count..].Lines(), kept.Entries.Lines());
        Assert.Equal(entries[^(kept.Entries.Count + 1)].At, kept.Start);
    }

    [Fact] // L8: it is read whole at the next start
    public void Long_records_are_kept_for_a_shorter_time()
    {
        const long Most = 100_000;
        var (entries, at) = (new List<LogEntry>(), Cursor.Start);
        using (var journal = new FileJournal(FilePath, ++_run, 100_000, _disk, Most))
        {
            Assert.True(journal.TryBegin(7, Cursor.Start));
            for (var i = 0; i < 100; i++)
            {
                var record = Purge.Of(new string('x', 2_000));
                entries.Add(new(at = at.Next(record.Id), DateTimeOffset.UnixEpoch, record));
                Assert.True(journal.TryKeep([entries[^1]]));
                Assert.InRange(new FileInfo(FilePath).Length, 0, 2 * Most + 10_000);
            }
        }
        using var again = Open();
        var kept = again.Read()!.Entries;
        Assert.InRange(kept.Count, 10, 60);
        Assert.Equal(entries[^kept.Count..].Lines(), kept.Lines());
    }

    [Fact]
    public void It_knows_the_run_that_had_it_before()
    {
        using (var first = Open())
            Assert.Equal(0ul, first.LastRun);
        using var second = Open();
        Assert.Equal(1ul, second.LastRun);
    }

    [Fact]
    public void Two_never_share_a_journal()
    {
        using var first = Open();
        Assert.Contains("Two processes never share it", Assert.Throws<IOException>(() => Open()).Message);
    }

    private string FilePath => _folder["node/journal"];

    private FileJournal Open(int most = 100_000) => new(FilePath, ++_run, most, _disk);

    private FileJournal Begun(int most = 100_000)
    {
        var journal = Open(most);
        Assert.True(journal.TryBegin(7, Cursor.Start));
        return journal;
    }

    private static (ulong Log, Cursor Start, int Count) Shape(IJournal.Kept? kept) => (kept!.Log, kept.Start, kept.Entries.Count);
}
