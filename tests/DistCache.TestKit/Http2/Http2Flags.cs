namespace DistCache.TestKit;

/// <summary>The flags of RFC 9113 §6; ACK and END_STREAM share a bit and differ by the frame's type.</summary>
[Flags]
public enum Http2Flags : byte
{
    None = 0,
    EndStream = 0x1,
    Ack = 0x1,
    EndHeaders = 0x4,
    Padded = 0x8,
    Priority = 0x20,
}
