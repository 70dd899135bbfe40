using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using DistCache.Fleet.Logs;
using DistCache.Storage.Purging;

namespace DistCache.Fleet.Files;

/// <summary>Entries as bytes, in files and in the store.</summary>
/// <remarks>
/// Little-endian.
/// <code>
/// head    "DCLG" | log id 8 | position before the first entry 8 | its link 8 | CRC-32 of these 4      32 bytes
/// frame   "DCEN" | length of the payload 4 | CRC-32 of length and payload 4 | payload
/// payload position 8 | link 8 | time, ms since 1970 8 | record
/// record  revision 1 (1) | id 8 | mode 1 | by: length 2, UTF-8 | selectors: number 4, each scope 1, length 4, UTF-8
/// </code>
/// </remarks>
internal static class EntryFormat
{
    public const int HeadLength = 32;
    public const int FrameLength = 12;
    private const byte Revision = 1;

    private static ReadOnlySpan<byte> HeadMark => "DCLG"u8;

    public static ReadOnlySpan<byte> FrameMark => "DCEN"u8;

    public static byte[] Head(ulong log, Cursor before)
    {
        var head = new byte[HeadLength];
        HeadMark.CopyTo(head);
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(4), log);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(12), before.Position);
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(20), before.Link);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(28), Crc32.HashToUInt32(head.AsSpan(0, 28)));
        return head;
    }

    public static bool TryReadHead(ReadOnlySpan<byte> bytes, out ulong log, out Cursor before)
    {
        (log, before) = (0, default);
        if (bytes.Length < HeadLength || !bytes.StartsWith(HeadMark) || BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]) != Crc32.HashToUInt32(bytes[..28]))
            return false;
        log = BinaryPrimitives.ReadUInt64LittleEndian(bytes[4..]);
        before = new(BinaryPrimitives.ReadInt64LittleEndian(bytes[12..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[20..]));
        return true;
    }

    public static byte[] Frame(LogEntry entry)
    {
        var record = Record(entry.Record);
        var frame = new byte[FrameLength + 24 + record.Length];
        FrameMark.CopyTo(frame);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), 24 + record.Length);
        var payload = frame.AsSpan(FrameLength);
        BinaryPrimitives.WriteInt64LittleEndian(payload, entry.At.Position);
        BinaryPrimitives.WriteUInt64LittleEndian(payload[8..], entry.At.Link);
        BinaryPrimitives.WriteInt64LittleEndian(payload[16..], entry.Time.ToUnixTimeMilliseconds());
        record.CopyTo(payload[24..]);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(8), Sum(frame.AsSpan(4, 4), payload));
        return frame;
    }

    /// <summary>Null: no whole frame stands at the beginning of these bytes.</summary>
    public static LogEntry? ReadFrame(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes.Length < FrameLength + 24 || !bytes.StartsWith(FrameMark))
            return null;
        var payloadLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        if (payloadLength < 24 || payloadLength > bytes.Length - FrameLength)
            return null;
        var payload = bytes.Slice(FrameLength, payloadLength);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != Sum(bytes.Slice(4, 4), payload) || ReadRecord(payload[24..]) is not { } record)
            return null;
        length = FrameLength + payloadLength;
        return new(
            new(BinaryPrimitives.ReadInt64LittleEndian(payload), BinaryPrimitives.ReadUInt64LittleEndian(payload[8..])),
            DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(payload[16..])),
            record);
    }

    public static byte[] Record(PurgeRecord record)
    {
        var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(Revision);
        writer.Write(record.Id);
        writer.Write((byte)record.Mode);
        var by = Encoding.UTF8.GetBytes(record.By);
        writer.Write((ushort)by.Length);
        writer.Write(by);
        writer.Write(record.Selectors.Count);
        foreach (var selector in record.Selectors)
        {
            var value = Encoding.UTF8.GetBytes(selector.Value);
            writer.Write((byte)selector.Scope);
            writer.Write(value.Length);
            writer.Write(value);
        }
        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Null: nothing that this revision understands.</summary>
    public static PurgeRecord? ReadRecord(ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (bytes[0] != Revision || bytes[9] > (byte)PurgeMode.Soft)
                return null;
            var id = BinaryPrimitives.ReadUInt64LittleEndian(bytes[1..]);
            var mode = (PurgeMode)bytes[9];
            var byLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]);
            var by = Encoding.UTF8.GetString(bytes.Slice(12, byLength));
            bytes = bytes[(12 + byLength)..];
            var count = BinaryPrimitives.ReadInt32LittleEndian(bytes);
            bytes = bytes[4..];
            if (count < 0 || count > bytes.Length / 5)
                return null;
            var selectors = new PurgeSelector[count];
            for (var i = 0; i < count; i++)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]);
                if (bytes[0] > (byte)PurgeScope.Everything)
                    return null;
                selectors[i] = new((PurgeScope)bytes[0], Encoding.UTF8.GetString(bytes.Slice(5, length)));
                bytes = bytes[(5 + length)..];
            }
            return bytes.IsEmpty ? new(id, selectors, mode, by) : null;
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static uint Sum(ReadOnlySpan<byte> length, ReadOnlySpan<byte> payload)
    {
        var sum = new Crc32();
        sum.Append(length);
        sum.Append(payload);
        return sum.GetCurrentHashAsUInt32();
    }
}
