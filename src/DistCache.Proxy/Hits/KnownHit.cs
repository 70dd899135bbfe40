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
///   0  1  1: by https
///   1  2  length of host
///   3  2  length of target
///   5  4  length of head
///   9  .  host, target        as the client sent them
///   .  .  head                HTTP/1.1 200 OK, the fields, Content-Length; then the age
///   .  .  status              Cache-Status; then the ttl
/// </code>
/// </remarks>
internal readonly struct KnownHit(Resident resident, Attachment known)
{
    private const int Fixed = 9;
    private const int MostDigits = 20;

    public Resident Resident => resident;

    /// <summary>Which configuration and route it was answered under: see <see cref="KnownRoutes"/>.</summary>
    public long Stamp => known.Stamp;

    /// <summary>Empty: its head is not what could be written as it is.</summary>
    /// <param name="host">As the client sent it.</param>
    /// <param name="target">As the client sent it.</param>
    public static byte[] Write(bool isHttps, ReadOnlySpan<byte> host, ReadOnlySpan<byte> target, ResponseHead head, long length)
    {
        if (head.ReasonPhrase is not null || host.Length > ushort.MaxValue || target.Length > ushort.MaxValue)
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

        var bytes = new byte[Fixed + host.Length + target.Length + text.Length];
        bytes[0] = (byte)(isHttps ? 1 : 0);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(1), (ushort)host.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(3), (ushort)target.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(5), headLength);
        host.CopyTo(bytes.AsSpan(Fixed));
        target.CopyTo(bytes.AsSpan(Fixed + host.Length));
        Encoding.Latin1.GetBytes(text.ToString(), bytes.AsSpan(Fixed + host.Length + target.Length));
        return bytes;
    }

    /// <summary>Whether those attached bytes are those of that request.</summary>
    public static bool Answers(ReadOnlySpan<byte> known, bool isHttps, ReadOnlySpan<byte> host, ReadOnlySpan<byte> target) =>
        known[0] == (isHttps ? 1 : 0) && host.SequenceEqual(HostOf(known)) && target.SequenceEqual(TargetOf(known));

    /// <returns>Bytes written.</returns>
    public int WriteHead(IBufferWriter<byte> output, long age, long ttl)
    {
        var all = known.Bytes;
        var wire = all[(Fixed + HostOf(all).Length + TargetOf(all).Length)..];
        var head = wire[..BinaryPrimitives.ReadInt32LittleEndian(all[5..])];
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

    private static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> known) => known.Slice(Fixed, BinaryPrimitives.ReadUInt16LittleEndian(known[1..]));

    private static ReadOnlySpan<byte> TargetOf(ReadOnlySpan<byte> known) =>
        known.Slice(Fixed + HostOf(known).Length, BinaryPrimitives.ReadUInt16LittleEndian(known[3..]));
}
