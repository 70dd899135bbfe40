using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;

namespace DistCache.Storage.Shared;

/// <summary>
/// Bytes of an envelope; numbers are big-endian, a text is its length in bytes (4) and UTF-8.
/// <code>
///   0  4  magic            "DcSh"
///   4  1  kind             'R' a response; 'V' names of Vary (<see cref="VaryRecord"/>)
///   5  3  revision         "001"
///   8  8  position         of the stamp; scripts in the store compare it
///  16  8  record           of the stamp
///  24  8  log              of the stamp
///  32  8  body length
///  40  4  chunk size       0: the body stands here
///  44 16  generation       of the chunks
///  60 16  digest           of a body in chunks
///  76  8  whole length     of these bytes, checksum and all
///  84  .  cache key        length (4), bytes
///      .  variant          count (4), then name and value (length -1: absent) each
///      .  identity         URL, scheme's length (4), host's length (4), tags: count (4; -1: too many to be kept), texts
///      .  head             status (4), reason phrase (length -1: the usual one), Via version, fields: count (4), name and value each
///      .  times            Date, Last-Modified (0: none), kept for, age, lifetime, stale-while-revalidate, -if-error, -if-unreachable:
///                          ticks (8) each; source of the lifetime (4); flags (4): no-cache 1, forbids stale 2, has a validator 4
///      .  body             when it stands here
///   -8  8  CRC-64          of all before it
/// </code>
/// </summary>
public static class EnvelopeWriter
{
    public const int HeadLength = 84;
    internal const int ChecksumLength = 8;
    internal const byte Response = (byte)'R';
    internal const byte Names = (byte)'V';

    internal static ReadOnlySpan<byte> Magic => "DcSh"u8;

    internal static ReadOnlySpan<byte> Revision => "001"u8;

    // Strict: what cannot come back as it went is not written.
    internal static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="body">Complete; written when its place is inline.</param>
    /// <exception cref="ArgumentException">A text in it is no Unicode.</exception>
    public static byte[] Write(Envelope envelope, Body body)
    {
        var output = new ArrayBufferWriter<byte>(1024 + (envelope.Body.IsInline ? (int)envelope.Body.Length : 0));
        WriteHead(output, Response, envelope.Stamp);
        WritePlace(output, envelope.Body);
        Number(output, 0L); // the whole length, when it is known
        Bytes(output, envelope.Key.Bytes);
        WriteVariant(output, envelope);
        WriteIdentity(output, envelope);
        WriteFields(output, envelope);
        WriteTimes(output, envelope);
        if (envelope.Body.IsInline)
            for (var at = 0L; at < envelope.Body.Length;)
            {
                var piece = body.Written(at);
                output.Write(piece);
                at += piece.Length;
            }
        var bytes = new byte[output.WrittenCount + ChecksumLength];
        output.WrittenSpan.CopyTo(bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(HeadLength - 8), bytes.Length);
        Seal(bytes);
        return bytes;
    }

    internal static void WriteHead(ArrayBufferWriter<byte> output, byte kind, in Stamp stamp)
    {
        output.Write(Magic);
        output.Write([kind]);
        output.Write(Revision);
        Number(output, stamp.Position);
        Number(output, (long)stamp.Record);
        Number(output, (long)stamp.Log);
    }

    internal static void Seal(Span<byte> bytes) =>
        BinaryPrimitives.WriteUInt64BigEndian(bytes[^ChecksumLength..], Crc64.HashToUInt64(bytes[..^ChecksumLength]));

    private static void WritePlace(ArrayBufferWriter<byte> output, BodyPlace place)
    {
        Number(output, place.Length);
        Number(output, place.ChunkSize);
        Wide(output, place.Generation);
        Wide(output, place.Digest);
    }

    private static void WriteVariant(ArrayBufferWriter<byte> output, Envelope envelope)
    {
        var variant = envelope.Variant;
        Number(output, variant.Names.Length);
        for (var i = 0; i < variant.Names.Length; i++)
        {
            Text(output, variant.Names[i]);
            Text(output, variant.Values[i]);
        }
    }

    private static void WriteIdentity(ArrayBufferWriter<byte> output, Envelope envelope)
    {
        var identity = envelope.Identity;
        Text(output, identity.Url);
        Number(output, identity.SchemeLength);
        Number(output, identity.HostLength);
        Number(output, identity.Tags?.Count ?? -1);
        foreach (var tag in identity.Tags ?? [])
            Text(output, tag);
    }

    private static void WriteFields(ArrayBufferWriter<byte> output, Envelope envelope)
    {
        Number(output, envelope.Status);
        Text(output, envelope.ReasonPhrase);
        Text(output, envelope.ViaVersion);
        Number(output, envelope.Fields.Count);
        foreach (var field in envelope.Fields)
        {
            Text(output, field.Name);
            Text(output, field.Value);
        }
    }

    private static void WriteTimes(ArrayBufferWriter<byte> output, Envelope envelope)
    {
        var reuse = envelope.Reuse;
        Number(output, envelope.Date.UtcTicks);
        Number(output, envelope.LastModified?.UtcTicks ?? 0);
        foreach (var time in (TimeSpan[])[envelope.Keep, reuse.InitialAge, reuse.Lifetime, reuse.StaleWhileRevalidate, reuse.StaleIfError, reuse.StaleIfUnreachable])
            Number(output, time.Ticks);
        Number(output, (int)reuse.LifetimeSource);
        Number(output, FlagsOf(reuse));
    }

    private static int FlagsOf(in ReuseFacts reuse) => (reuse.NoCache ? 1 : 0) | (reuse.ForbidsStale ? 2 : 0) | (reuse.HasValidator ? 4 : 0);

    private static void Number(ArrayBufferWriter<byte> output, long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(output.GetSpan(sizeof(long)), value);
        output.Advance(sizeof(long));
    }

    private static void Number(ArrayBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(sizeof(int)), value);
        output.Advance(sizeof(int));
    }

    private static void Wide(ArrayBufferWriter<byte> output, UInt128 value)
    {
        BinaryPrimitives.WriteUInt128BigEndian(output.GetSpan(16), value);
        output.Advance(16);
    }

    private static void Bytes(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        Number(output, bytes.Length);
        output.Write(bytes);
    }

    private static void Text(ArrayBufferWriter<byte> output, string? text)
    {
        if (text is null)
            Number(output, -1);
        else
            Bytes(output, Utf8.GetBytes(text));
    }
}
