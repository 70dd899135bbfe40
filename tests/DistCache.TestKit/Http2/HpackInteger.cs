namespace DistCache.TestKit;

/// <summary>Integers of RFC 7541 §5.1.</summary>
internal static class HpackInteger
{
    public static void Write(List<byte> output, byte firstBits, int prefix, int value)
    {
        var limit = (1 << prefix) - 1;
        if (value < limit)
        {
            output.Add((byte)(firstBits | value));
            return;
        }

        output.Add((byte)(firstBits | limit));
        for (value -= limit; value >= 0x80; value >>= 7)
            output.Add((byte)(0x80 | (value & 0x7F)));
        output.Add((byte)value);
    }

    public static int Read(ReadOnlySpan<byte> block, ref int at, int prefix)
    {
        var limit = (1 << prefix) - 1;
        var value = block[at++] & limit;
        if (value < limit)
            return value;
        for (var shift = 0; ; shift += 7)
        {
            if (shift > 21)
                throw new WireException("HPACK: an integer that is too long (RFC 7541 §5.1).");
            var next = block[at++];
            value += (next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
