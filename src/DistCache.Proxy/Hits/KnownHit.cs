using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Sockets;
using DistCache.Semantics.Fields;
using DistCache.Storage.Memory;
using DistCache.Storage.Records;

namespace DistCache.Proxy.Hits;

/// <summary>
/// What selects a response that the whole request path has answered with a plain hit, and the fields of its answers as they go over the wire: attached
/// to the response in the memory tier, and gone with it. For an owner of the resident.
/// </summary>
/// <remarks>
/// <code>
///   0  1  1: by https; 2: it varies by Accept-Encoding
///   1  2  length of host
///   3  2  length of target
///   5  2  length of encodings
///   7  2  length of tag
///   9  4  where in the fields it is
///  13  4  length of the fields of a 304
///  17  4  length of the fields of a 416: those, and others
///  21  4  length of the fields of all of it: those, and others
///  25  .  host, target        as the client sent them
///   .  .  encodings           Accept-Encoding as the client sent it, where it matters
///   .  .  fields              then what depends on the request, and the age
///   .  .  status              Cache-Status; then the ttl
/// </code>
/// </remarks>
internal readonly struct KnownHit(Resident resident, Attachment known)
{
    private const int Fixed = 25;
    private const int MostTag = 1024;

    /// <summary>Bytes of what is written for each answer: status line, Content-Range, Content-Length, Age, ttl.</summary>
    private const int MostOfRequest = 256;

    public Resident Resident => resident;

    /// <summary>Which configuration and route it was answered under: see <see cref="KnownRoutes"/>.</summary>
    public long Stamp => known.Stamp;

    /// <summary>The entity-tag of the response; empty: it has none.</summary>
    public ReadOnlySpan<byte> Tag
    {
        get
        {
            var all = known.Bytes;
            return all[Fixed..].Slice(KeyLengthOf(all) + BinaryPrimitives.ReadInt32LittleEndian(all[9..]), BinaryPrimitives.ReadUInt16LittleEndian(all[7..]));
        }
    }

    /// <summary>Empty: its head is not what could be written as it is.</summary>
    /// <param name="tag">Of the response; null: it has none.</param>
    public static byte[] Write(in PlainKey key, ResponseHead head, EntityTag? tag)
    {
        if (head.ReasonPhrase is not null || key.Host.Length > ushort.MaxValue || key.Target.Length > ushort.MaxValue || key.Encodings.Length > ushort.MaxValue)
            return [];
        var text = new StringBuilder();
        var hasDate = false;
        var (tagAt, tagLength) = (0, tag?.Text.Length ?? 0);
        var (lengthOf304, lengthOf416) = (0, 0);
        for (var i = 0; i < head.Fields.Length; i++)
        {
            var (name, lines) = head.Fields[i];
            hasDate |= name.Equals("Date", StringComparison.OrdinalIgnoreCase);
            if (name.Equals("Content-Range", StringComparison.OrdinalIgnoreCase))
                return []; // a part has its own
            foreach (var line in lines)
            {
                text.Append(name).Append(": ");
                if (tag is { } own && name.Equals("ETag", StringComparison.OrdinalIgnoreCase))
                    tagAt = text.Length + line!.IndexOf(own.Text, StringComparison.Ordinal);
                text.Append(line).Append("\r\n");
            }
            if (i + 1 == head.FieldsIn304.Length)
                lengthOf304 = text.Length;
            if (i + 1 == head.FieldsIn416.Length)
                lengthOf416 = text.Length;
        }
        var length = text.Length;
        if (!hasDate)
            return []; // Kestrel makes one for each answer.
        if (tag is { } whole && (tagLength > MostTag || tagAt == 0 || text.ToString(tagAt, tagLength) != whole.Text))
            return [];
        text.Append("\r\n");
        foreach (var line in head.CacheStatusWith(new() { Hit = true, Ttl = 0 }))
            text.Append("Cache-Status: ").Append(line).Append("\r\n");
        const string LastTtl = "0\r\n";
        text.Length -= LastTtl.Length;

        var bytes = new byte[Fixed + key.Length + text.Length];
        bytes[0] = key.Form;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(1), (ushort)key.Host.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(3), (ushort)key.Target.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(5), (ushort)key.Encodings.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(7), (ushort)tagLength);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(9), tagAt);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(13), lengthOf304);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(17), lengthOf416);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(21), length);
        var rest = bytes.AsSpan(Fixed);
        key.Host.CopyTo(rest);
        key.Target.CopyTo(rest[key.Host.Length..]);
        key.Encodings.CopyTo(rest[(key.Host.Length + key.Target.Length)..]);
        Encoding.Latin1.GetBytes(text.ToString(), rest[key.Length..]);
        return bytes;
    }

    /// <summary>Whether those attached bytes are those of that request.</summary>
    public static bool Answers(ReadOnlySpan<byte> known, in PlainKey key)
    {
        if (known[0] != key.Form || HostLengthOf(known) != key.Host.Length || TargetLengthOf(known) != key.Target.Length || EncodingsLengthOf(known) != key.Encodings.Length)
            return false;
        var rest = known[Fixed..];
        return rest.StartsWith(key.Host) && rest[key.Host.Length..].StartsWith(key.Target) && rest[(key.Host.Length + key.Target.Length)..].StartsWith(key.Encodings);
    }

    /// <param name="slice">What of the body follows.</param>
    /// <returns>Bytes written.</returns>
    public int WriteHead(IBufferWriter<byte> output, HitForm form, in BodySlice slice, long age, long ttl)
    {
        var all = known.Bytes;
        var wire = all[(Fixed + KeyLengthOf(all))..];
        var status = wire[BinaryPrimitives.ReadInt32LittleEndian(all[21..])..];
        var to = new HeadWriter(output.GetSpan(wire.Length + MostOfRequest));
        switch (form)
        {
            case HitForm.NotModified:
                to.Write("HTTP/1.1 304 Not Modified\r\n"u8);
                to.Write(wire[..BinaryPrimitives.ReadInt32LittleEndian(all[13..])]);
                break;
            case HitForm.NotSatisfiable:
                to.Write("HTTP/1.1 416 Range Not Satisfiable\r\n"u8);
                to.Write(wire[..BinaryPrimitives.ReadInt32LittleEndian(all[17..])]);
                to.Write("Content-Range: bytes */"u8);
                to.Write(Resident.Length);
                to.Write("\r\nContent-Length: 0\r\n"u8);
                break;
            case HitForm.Part:
                to.Write("HTTP/1.1 206 Partial Content\r\n"u8);
                to.Write(wire[..^status.Length]);
                to.Write("Content-Range: bytes "u8);
                to.Write(slice.Start);
                to.Write("-"u8);
                to.Write(slice.End - 1);
                to.Write("/"u8);
                to.Write(Resident.Length);
                to.Write("\r\nContent-Length: "u8);
                to.Write(slice.Length);
                to.Write("\r\n"u8);
                break;
            default:
                to.Write("HTTP/1.1 200 OK\r\n"u8);
                to.Write(wire[..^status.Length]);
                to.Write("Content-Length: "u8);
                to.Write(Resident.Length);
                to.Write("\r\n"u8);
                break;
        }
        to.Write("Age: "u8);
        to.Write(age);
        to.Write(status);
        to.Write(ttl);
        to.Write("\r\n\r\n"u8);
        output.Advance(to.Written);
        return to.Written;
    }

    private static int KeyLengthOf(ReadOnlySpan<byte> known) => HostLengthOf(known) + TargetLengthOf(known) + EncodingsLengthOf(known);

    private static int HostLengthOf(ReadOnlySpan<byte> known) => BinaryPrimitives.ReadUInt16LittleEndian(known[1..]);

    private static int TargetLengthOf(ReadOnlySpan<byte> known) => BinaryPrimitives.ReadUInt16LittleEndian(known[3..]);

    private static int EncodingsLengthOf(ReadOnlySpan<byte> known) => BinaryPrimitives.ReadUInt16LittleEndian(known[5..]);

    private ref struct HeadWriter(Span<byte> span)
    {
        private readonly Span<byte> _span = span;

        public int Written { get; private set; }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_span[Written..]);
            Written += bytes.Length;
        }

        public void Write(long number)
        {
            Utf8Formatter.TryFormat(number, _span[Written..], out var digits);
            Written += digits;
        }
    }
}
