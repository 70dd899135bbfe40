using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using DistCache.Storage.Purging;

namespace DistCache.Fleet.Logs;

/// <summary>
/// Reads what <see cref="RecordFormat"/> wrote. A record is in full on the disk before the next one begins; so one that cannot be read is the
/// torn tail if nothing stands behind it, and damage if anything does.
/// </summary>
internal sealed class RecordScan
{
    private readonly RecordKind _kind;
    private readonly List<LogEntry> _entries = [];

    private RecordScan(RecordKind kind, ReadOnlySpan<byte> bytes)
    {
        _kind = kind;
        Damage = ReadHead(bytes);
        if (Damage is not null)
            return;
        for (End = RecordFormat.HeadLength; End < bytes.Length; Frames++)
            if (!TryRead(bytes))
                return;
    }

    public ulong Salt { get; private set; }

    public ulong Log { get; private set; }

    /// <summary>What lies up to here is not in the file.</summary>
    public Cursor Start { get; private set; }

    public IReadOnlyList<LogEntry> Entries => _entries;

    /// <summary>Records, those that were replaced too.</summary>
    public int Frames { get; private set; }

    /// <summary>Offset behind the last good record; before the bad one.</summary>
    public long End { get; private set; }

    /// <summary>Behind <see cref="End"/> stands what was cut off while it was written.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>At <see cref="End"/>: why the file cannot be believed. Null: it can.</summary>
    public string? Damage { get; private set; }

    public static RecordScan Of(RecordKind kind, ReadOnlySpan<byte> bytes) => new(kind, bytes);

    private string? ReadHead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < RecordFormat.HeadLength)
            return "is shorter than its head";
        if (!bytes.StartsWith(RecordFormat.MagicOf(_kind)))
            return _kind is RecordKind.PurgeLog ? "is not a purge log" : "is not a journal";
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]) is not RecordFormat.Revision and var revision)
            return $"has revision {revision}, this program knows {RecordFormat.Revision}";
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[40..]) != Crc32.HashToUInt32(bytes[..40]))
            return "has a damaged head";
        Salt = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        Log = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        Start = new(BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]));
        return null;
    }

    /// <summary>The record at <see cref="End"/>.</summary>
    private bool TryRead(ReadOnlySpan<byte> bytes)
    {
        if (!IsFrame(bytes, End, out var length))
        {
            IsTorn = !HasFrameBehind(bytes);
            Damage = IsTorn ? null : "is damaged: a record cannot be read, others stand behind it";
            return false;
        }
        var end = End + RecordFormat.FrameLength + length;
        var frame = bytes[(int)End..(int)Math.Min(end, bytes.Length)];
        if (end > bytes.Length || BinaryPrimitives.ReadUInt32LittleEndian(frame[12..]) != RecordFormat.Checksum(Salt, End, frame[RecordFormat.FrameLength..]))
        {
            IsTorn = end >= bytes.Length;
            Damage = IsTorn ? null : "is damaged: the checksum of a record does not fit, and it is not the last";
            return false;
        }
        Damage = ReadPayload(frame[RecordFormat.FrameLength..]) is { } entry ? Place(entry) : "holds a record that this program does not understand";
        if (Damage is not null)
            return false;
        End = end;
        return true;
    }

    private bool IsFrame(ReadOnlySpan<byte> bytes, long offset, out int length)
    {
        length = 0;
        if (bytes.Length - offset < RecordFormat.FrameLength)
            return false;
        var frame = bytes.Slice((int)offset, RecordFormat.FrameLength);
        length = BinaryPrimitives.ReadInt32LittleEndian(frame[4..]);
        return length >= 0 && BinaryPrimitives.ReadUInt32LittleEndian(frame) == (uint)Salt
            && BinaryPrimitives.ReadUInt32LittleEndian(frame[8..]) == RecordFormat.Checksum(Salt, offset, frame.Slice(4, 4));
    }

    private bool HasFrameBehind(ReadOnlySpan<byte> bytes)
    {
        Span<byte> mark = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(mark, (uint)Salt);
        for (var at = (int)End + 1; at < bytes.Length; at++)
        {
            var next = bytes[at..].IndexOf(mark);
            if (next < 0)
                return false;
            at += next;
            if (IsFrame(bytes, at, out _))
                return true;
        }
        return false;
    }

    private string? Place(LogEntry entry)
    {
        var index = entry.At.Position - Start.Position - 1;
        if (_kind is RecordKind.Journal && index >= 0 && index < _entries.Count)
            _entries.RemoveRange((int)index, _entries.Count - (int)index);
        if (index != _entries.Count)
            return $"is damaged: record {entry.At.Position} is not the next one";
        // Where records were trimmed away, the link before the first may not be known.
        var before = index > 0 ? _entries[^1].At : Start;
        if ((index > 0 || before.Position == 0 || before.Link != 0) && before.Next(entry.Record.Id) != entry.At)
            return $"is damaged: record {entry.At.Position} does not continue those before it";
        _entries.Add(entry);
        return null;
    }

    private static LogEntry? ReadPayload(ReadOnlySpan<byte> payload)
    {
        using var reader = new BinaryReader(new MemoryStream(payload.ToArray()), Encoding.UTF8);
        try
        {
            var at = new Cursor(reader.ReadInt64(), reader.ReadUInt64());
            var time = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
            var (id, mode, by) = (reader.ReadUInt64(), (PurgeMode)reader.ReadByte(), reader.ReadString());
            var selectors = new List<PurgeSelector>();
            for (var left = reader.ReadInt32(); left > 0; left--)
                selectors.Add(new((PurgeScope)reader.ReadByte(), reader.ReadString()));
            var isKnown = Enum.IsDefined(mode) && selectors.TrueForAll(selector => Enum.IsDefined(selector.Scope));
            return isKnown && reader.BaseStream.Position == payload.Length ? new(at, time, new(id, selectors, mode, by)) : null;
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            return null;
        }
    }
}
