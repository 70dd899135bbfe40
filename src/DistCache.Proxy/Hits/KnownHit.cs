using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using DistCache.Proxy.Delivery;
using DistCache.Storage.Memory;
using DistCache.Storage.Records;

namespace DistCache.Proxy.Hits;

/// <summary>
/// A plain request that the whole request path has answered with a plain hit, and the head of that answer as it goes over the wire: attached
/// to the response in the memory tier, and gone with it. For an owner of the resident.
/// </summary>
/// <remarks>
/// <code>
///   0  1  1: by https; 2: it varies by Accept-Encoding
///   1  2  length of host
///   3  2  length of target
///   5  2  length of encodings
///   7  4  length of head
///  11  .  host, target        as the client sent them
///   .  .  encodings           Accept-Encoding as the client sent it, where it matters
///   .  .  head                HTTP/1.1 200 OK, the fields, Content-Length; then the age
///   .  .  status              Cache-Status; then the ttl
/// </code>
/// </remarks>
internal readonly struct KnownHit(Resident resident, Attachment known)
{
    private const int Fixed = 11;
    private const int MostDigits = 20;

    public Resident Resident => resident;

    /// <summary>Which configuration and route it was answered under: see <see cref="KnownRoutes"/>.</summary>
    public long Stamp => known.Stamp;

    /// <summary>Empty: its head is not what could be written as it is.</summary>
    public static byte[] Write(in PlainKey key, ResponseHead head, long length)
    {
        if (head.ReasonPhrase is not null || key.Host.Length > ushort.MaxValue || key.Target.Length > ushort.MaxValue || key.Encodings.Length > ushort.MaxValue)
            return [];
        var text = new StringBuilder("HTTP/1.1 200 OK\r\n");
        var hasDate = false;
        foreach (var (name, lines) in head.Fields)
        {
            hasDate |= name.Equals("Date", StringComparison.OrdinalIgnoreCase);
            foreach (var line in lines)
                text.Append(name).Append(": ").Append(line).Append("\r\n");
        }
        if (!hasDate)
            return []; // Kestrel makes one for each answer.
        text.Append("Content-Length: ").Append(length).Append("\r\nAge: ");
        var headLength = text.Length;
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
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(7), headLength);
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

    /// <returns>Bytes written.</returns>
    public int WriteHead(IBufferWriter<byte> output, long age, long ttl)
    {
        var all = known.Bytes;
        var wire = all[(Fixed + HostLengthOf(all) + TargetLengthOf(all) + EncodingsLengthOf(all))..];
        var head = wire[..BinaryPrimitives.ReadInt32LittleEndian(all[7..])];
        var status = wire[head.Length..];
        var span = output.GetSpan(wire.Length + (2 * MostDigits) + 4);
        head.CopyTo(span);
        var at = head.Length;
        Utf8Formatter.TryFormat(age, span[at..], out var digits);
        at += digits;
        status.CopyTo(span[at..]);
        at += status.Length;
        Utf8Formatter.TryFormat(ttl, span[at..], out digits);
        at += digits;
        "\r\n\r\n"u8.CopyTo(span[at..]);
        output.Advance(at + 4);
        return at + 4;
    }

    private static int HostLengthOf(ReadOnlySpan<byte> known) => BinaryPrimitives.ReadUInt16LittleEndian(known[1..]);

    private static int TargetLengthOf(ReadOnlySpan<byte> known) => BinaryPrimitives.ReadUInt16LittleEndian(known[3..]);

    private static int EncodingsLengthOf(ReadOnlySpan<byte> known) => BinaryPrimitives.ReadUInt16LittleEndian(known[5..]);
}
