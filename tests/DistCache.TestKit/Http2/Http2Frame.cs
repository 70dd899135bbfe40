using System.Buffers.Binary;

namespace DistCache.TestKit;

/// <summary>One frame, to be sent as it is: no rule of RFC 9113 is enforced here.</summary>
public sealed record Http2Frame(Http2FrameType Type, Http2Flags Flags, int StreamId, byte[] Payload)
{
    /// <summary>RFC 9113 §3.4.</summary>
    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public static Http2Frame Headers(int streamId, byte[] block, bool endStream, bool endHeaders = true) => new(
        Http2FrameType.Headers,
        (endStream ? Http2Flags.EndStream : 0) | (endHeaders ? Http2Flags.EndHeaders : 0),
        streamId,
        block);

    public static Http2Frame Continuation(int streamId, byte[] block, bool endHeaders) =>
        new(Http2FrameType.Continuation, endHeaders ? Http2Flags.EndHeaders : 0, streamId, block);

    public static Http2Frame Data(int streamId, byte[] bytes, bool endStream) =>
        new(Http2FrameType.Data, endStream ? Http2Flags.EndStream : 0, streamId, bytes);

    public static Http2Frame RstStream(int streamId, Http2Error error) =>
        new(Http2FrameType.RstStream, 0, streamId, Number((uint)error));

    public static Http2Frame GoAway(int lastStreamId, Http2Error error) =>
        new(Http2FrameType.GoAway, 0, 0, [.. Number((uint)lastStreamId), .. Number((uint)error)]);

    public static Http2Frame WindowUpdate(int streamId, int increment) =>
        new(Http2FrameType.WindowUpdate, 0, streamId, Number((uint)increment));

    public static Http2Frame Settings(params (Http2Setting Setting, uint Value)[] settings)
    {
        var payload = new byte[settings.Length * 6];
        for (var i = 0; i < settings.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(i * 6), (ushort)settings[i].Setting);
            BinaryPrimitives.WriteUInt32BigEndian(payload.AsSpan((i * 6) + 2), settings[i].Value);
        }

        return new Http2Frame(Http2FrameType.Settings, 0, 0, payload);
    }

    public static Http2Frame SettingsAck { get; } = new(Http2FrameType.Settings, Http2Flags.Ack, 0, []);

    public bool Has(Http2Flags flag) => (Flags & flag) != 0;

    /// <summary>The 32-bit number at <paramref name="offset"/> of the payload, as RST_STREAM, GOAWAY and WINDOW_UPDATE carry.</summary>
    public uint NumberAt(int offset) => BinaryPrimitives.ReadUInt32BigEndian(Payload.AsSpan(offset));

    /// <summary>The payload of DATA or HEADERS without padding and priority (RFC 9113 §6.1, §6.2).</summary>
    public ReadOnlySpan<byte> Content
    {
        get
        {
            ReadOnlySpan<byte> content = Payload;
            if (Has(Http2Flags.Padded))
                content = content[1..^content[0]];
            return Type == Http2FrameType.Headers && Has(Http2Flags.Priority) ? content[5..] : content;
        }
    }

    /// <summary>
    /// The frame on the wire (RFC 9113 §4.1):
    /// <code>
    /// length (24) | type (8) | flags (8) | reserved (1), stream id (31) | payload
    /// </code>
    /// </summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[9 + Payload.Length];
        bytes[0] = (byte)(Payload.Length >> 16);
        bytes[1] = (byte)(Payload.Length >> 8);
        bytes[2] = (byte)Payload.Length;
        bytes[3] = (byte)Type;
        bytes[4] = (byte)Flags;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(5), StreamId);
        Payload.CopyTo(bytes, 9);
        return bytes;
    }

    public override string ToString() => $"{Type} stream={StreamId} flags={(byte)Flags:x2} length={Payload.Length}";

    private static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
