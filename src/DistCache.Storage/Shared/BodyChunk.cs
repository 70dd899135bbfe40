using System.Buffers.Binary;
using System.IO.Hashing;
using DistCache.Storage.Bodies;

namespace DistCache.Storage.Shared;

/// <summary>
/// One chunk of a body. It says itself whose it is: chunks of two bodies, or in another order, never pass for one.
/// <code>
///   0  4  magic        "DcSc"
///   4 16  generation
///  20  4  index
///  24  .  bytes
///  -8  8  CRC-64       of all before it
/// </code>
/// </summary>
public static class BodyChunk
{
    public const int Overhead = HeadLength + EnvelopeWriter.ChecksumLength;
    private const int HeadLength = 24;

    private static ReadOnlySpan<byte> Magic => "DcSc"u8;

    public static byte[] Write(BodyPlace place, int index, Body body)
    {
        var length = place.LengthOf(index);
        var bytes = new byte[length + Overhead];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(4), place.Generation);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(20), index);
        var from = (long)index * place.ChunkSize;
        for (var copied = 0; copied < length;)
        {
            var piece = body.Written(from + copied);
            if (piece.Length > length - copied)
                piece = piece[..(length - copied)];
            piece.CopyTo(bytes.AsSpan(HeadLength + copied));
            copied += piece.Length;
        }
        EnvelopeWriter.Seal(bytes);
        return bytes;
    }

    public static EnvelopeFault TryRead(ReadOnlyMemory<byte> chunk, BodyPlace place, int index, out ReadOnlyMemory<byte> content)
    {
        content = default;
        var bytes = chunk.Span;
        if (bytes.Length != place.LengthOf(index) + Overhead)
            return EnvelopeFault.Truncated;
        if (!bytes.StartsWith(Magic))
            return EnvelopeFault.WrongMagic;
        if (BinaryPrimitives.ReadUInt64BigEndian(bytes[^EnvelopeWriter.ChecksumLength..]) != Crc64.HashToUInt64(bytes[..^EnvelopeWriter.ChecksumLength]))
            return EnvelopeFault.Corrupt;
        if (BinaryPrimitives.ReadUInt128BigEndian(bytes[4..]) != place.Generation || BinaryPrimitives.ReadInt32BigEndian(bytes[20..]) != index)
            return EnvelopeFault.WrongKey;
        content = chunk[HeadLength..^EnvelopeWriter.ChecksumLength];
        return EnvelopeFault.None;
    }
}
