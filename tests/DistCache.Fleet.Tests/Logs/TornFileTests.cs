using DistCache.Fleet.Logs;
using DistCache.Fleet.Tests.Kit;
using DistCache.Storage.Purging;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Fleet.Tests.Logs;

/// <summary>F17: a crash while the last record was written costs that record alone; any other damage is refused.</summary>
public sealed class TornFileTests : IDisposable
{
    private const int Count = 4;
    private const ulong Salt = 0x8123_4567_3132_3334; // its mark reads 4321
    private readonly Folder _folder = new();
    private readonly FaultyDisk _disk = new() { Waits = false };
    private readonly LogEntry[] _entries = Purge.Entries(Cursor.Start, Count);
    private readonly byte[] _bytes;
    private readonly int[] _offsets = new int[Count + 1];

    public TornFileTests()
    {
        var bytes = RecordFormat.Head(RecordKind.PurgeLog, Salt, 42, Cursor.Start).ToList();
        for (var i = 0; i < Count; i++)
        {
            _offsets[i] = bytes.Count;
            bytes.AddRange(RecordFormat.Record(Salt, bytes.Count, _entries[i]));
        }
        _offsets[Count] = bytes.Count;
        _bytes = [.. bytes];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Cut_at_any_byte_of_the_last_record_all_before_it_are_kept_and_the_next_takes_its_place()
    {
        for (var length = _offsets[Count - 1]; length < _bytes.Length; length++)
            await TailAsync(_bytes[..length], length > _offsets[Count - 1]);
    }

    [Fact]
    public async Task With_any_bit_of_the_last_record_flipped_all_before_it_are_kept()
    {
        for (var bit = 8 * _offsets[Count - 1]; bit < 8 * _bytes.Length; bit++)
            await TailAsync(Flipped(bit), isTorn: true);
    }

    [Fact]
    public async Task A_tail_that_the_file_system_left_empty_is_dropped()
    {
        await TailAsync([.. _bytes[.._offsets[Count - 1]], .. new byte[5_000]], isTorn: true);
    }

    [Fact]
    public void With_any_bit_before_the_last_record_flipped_it_is_refused_with_file_offset_and_remedy_and_left_as_it_is()
    {
        for (var bit = 0; bit < 8 * _offsets[Count - 1]; bit++)
        {
            var damaged = Flipped(bit);
            var message = Assert.Throws<InvalidDataException>(() => Open(damaged)).Message;
            var offset = bit / 8 < RecordFormat.HeadLength ? 0 : _offsets.Last(start => start <= bit / 8);
            Assert.StartsWith($"{FilePath} ", message);
            Assert.Contains($"(offset {offset})", message);
            Assert.Contains("Restore the file", message);
            Assert.Equal(damaged, File.ReadAllBytes(FilePath));
        }
    }

    [Fact]
    public void Shorter_than_its_head_it_is_refused_for_a_new_one_is_whole_before_it_has_its_name()
    {
        for (var length = 0; length < RecordFormat.HeadLength; length++)
            Assert.Throws<InvalidDataException>(() => Open(_bytes[..length]));
    }

    [Fact]
    public void A_file_of_a_later_revision_or_of_another_kind_is_refused_by_name()
    {
        var later = _bytes.ToArray();
        later[4] = 2;
        Assert.Contains("revision 2", Assert.Throws<InvalidDataException>(() => Open(later)).Message);
        Assert.Contains("not a purge log", Assert.Throws<InvalidDataException>(() => Open(RecordFormat.Head(RecordKind.Journal, 1, 2, Cursor.Start))).Message);
    }

    [Fact]
    public async Task What_a_client_puts_into_a_torn_record_is_not_taken_for_a_record_behind_it()
    {
        // It has guessed the mark even; not the rest of the salt.
        var text = string.Concat(Enumerable.Repeat("4321\u0010\0\0\0abcdefgh0123456789abcdef", 20));
        var record = _entries[^1].Record with { Selectors = [new(PurgeScope.Tag, text)] };
        var last = RecordFormat.Record(Salt, _offsets[Count - 1], _entries[^1] with { Record = record });
        for (var bit = 0; bit < 8 * RecordFormat.FrameLength; bit++)
        {
            var torn = last.ToArray();
            torn[bit / 8] ^= (byte)(1 << (bit % 8));
            await TailAsync([.. _bytes[.._offsets[Count - 1]], .. torn], isTorn: true);
        }
    }

    private string FilePath => _folder["purges.log"];

    private async Task TailAsync(byte[] bytes, bool isTorn)
    {
        await using (var log = Open(bytes))
        {
            Assert.Equal(_entries[..^1].Lines(), (await log.AllAsync()).Lines());
            Assert.Equal(isTorn, log.Torn?.Contains($"from offset {_offsets[Count - 1]} on", StringComparison.Ordinal) ?? false);
            Assert.Equal(Count, (await log.AppendAsync(Purge.Of("next"), 0, TestContext.Current.CancellationToken))!.At.Position);
        }
        var scan = RecordScan.Of(RecordKind.PurgeLog, File.ReadAllBytes(FilePath));
        Assert.Equal((Count, false, null), (scan.Frames, scan.IsTorn, scan.Damage));
    }

    private FilePurgeLog Open(byte[] bytes)
    {
        File.WriteAllBytes(FilePath, bytes);
        return new(FilePath, new FakeTimeProvider(), 100, _disk);
    }

    private byte[] Flipped(int bit)
    {
        var bytes = _bytes.ToArray();
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        return bytes;
    }
}
