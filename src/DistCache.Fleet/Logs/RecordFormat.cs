using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace DistCache.Fleet.Logs;

/// <summary>
/// Bytes of a file of purge records; numbers are little-endian, a text is its length in bytes (7 bits a byte) and UTF-8.
/// <code>
///   0  4  magic       "DcPl" a purge log, "DcJn" a journal
///   4  4  revision    1
///   8  8  salt        random, of this file: goes into every checksum
///  16  8  log         its id
///  24  8  position    and
///  32  8  link        of the place behind which the records begin
///  40  4  CRC-32      of all before it
///  44  .  records
///
///   0  4  mark        the lower half of the salt
///   4  4  length      of the payload
///   8  4  CRC-32      of salt, offset in the file (8) and length
///  12  4  CRC-32      of salt, offset in the file (8) and payload
///  16  8  position    payload: its place,
///     8  link
///     8  time        ticks, UTC
///     8  id
///     1  mode        0 hard, 1 soft
///     .  by          text
///     4  selectors   how many; scope (1) and value (text) of each
/// </code>
/// The length has a checksum of its own, so that a record that is damaged is told from one that was cut off. Salt and offset: what a client
/// puts into a selector, and what an older file left behind, is never taken for a record.
/// </summary>
internal static class RecordFormat
{
    public const int Revision = 1;
    public const int HeadLength = 44;
    public const int FrameLength = 16;

    public static ReadOnlySpan<byte> MagicOf(RecordKind kind) => kind is RecordKind.PurgeLog ? "DcPl"u8 : "DcJn"u8;

    public static byte[] Head(RecordKind kind, ulong salt, ulong log, Cursor start)
    {
        var head = new byte[HeadLength];
        MagicOf(kind).CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), Revision);
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(8), salt);
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(16), log);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(24), start.Position);
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(32), start.Link);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(40), Crc32.HashToUInt32(head.AsSpan(0, 40)));
        return head;
    }

    /// <param name="offset">Of the record in its file.</param>
    public static byte[] Record(ulong salt, long offset, LogEntry entry)
    {
        using var output = new MemoryStream();
        output.Write(new byte[FrameLength]);
        using (var writer = new BinaryWriter(output, Encoding.UTF8, leaveOpen: true))
            WritePayload(writer, entry);
        var record = output.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)salt);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), record.Length - FrameLength);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Checksum(salt, offset, record.AsSpan(4, 4)));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12), Checksum(salt, offset, record.AsSpan(FrameLength)));
        return record;
    }

    public static uint Checksum(ulong salt, long offset, ReadOnlySpan<byte> bytes)
    {
        Span<byte> place = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(place, salt);
        BinaryPrimitives.WriteInt64LittleEndian(place[8..], offset);
        var sum = new Crc32();
        sum.Append(place);
        sum.Append(bytes);
        return sum.GetCurrentHashAsUInt32();
    }

    private static void WritePayload(BinaryWriter writer, LogEntry entry)
    {
        writer.Write(entry.At.Position);
        writer.Write(entry.At.Link);
        writer.Write(entry.Time.UtcTicks);
        writer.Write(entry.Record.Id);
        writer.Write((byte)entry.Record.Mode);
        writer.Write(entry.Record.By);
        writer.Write(entry.Record.Selectors.Count);
        foreach (var selector in entry.Record.Selectors)
        {
            writer.Write((byte)selector.Scope);
            writer.Write(selector.Value);
        }
    }
}

internal enum RecordKind
{
    /// <summary>Each record lies one behind the other.</summary>
    PurgeLog,

    /// <summary>A record at a place that is taken replaces all from there on.</summary>
    Journal,
}
