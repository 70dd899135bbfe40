namespace DistCache.TestKit;

/// <summary>
/// The Huffman code of RFC 7541 appendix B. The code is canonical (within one length, codes count up in the order of the symbols), so
/// that the 257 lengths say it whole.
/// </summary>
internal static class HpackHuffman
{
    private const int EndOfString = 256;

    private static readonly byte[] Lengths =
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ];

    private static readonly Dictionary<(int Length, uint Code), int> Symbols = BuildCode();

    public static byte[] Decode(ReadOnlySpan<byte> coded)
    {
        var decoded = new List<byte>(coded.Length * 2);
        uint code = 0;
        var length = 0;
        foreach (var value in coded)
        {
            for (var bit = 7; bit >= 0; bit--)
            {
                code = (code << 1) | (uint)((value >> bit) & 1);
                if (!Symbols.TryGetValue((++length, code), out var symbol))
                    continue;
                if (symbol == EndOfString)
                    throw new WireException("HPACK: EOS within a string (RFC 7541 §5.2).");
                decoded.Add((byte)symbol);
                (code, length) = (0, 0);
            }
        }

        // §5.2: padding is the start of EOS (all ones), shorter than a byte.
        return length < 8 && code == (1u << length) - 1
            ? [.. decoded]
            : throw new WireException("HPACK: bad padding (RFC 7541 §5.2).");
    }

    private static Dictionary<(int Length, uint Code), int> BuildCode()
    {
        var symbols = new Dictionary<(int, uint), int>();
        uint code = 0;
        var length = 0;
        foreach (var symbol in Enumerable.Range(0, Lengths.Length).OrderBy(symbol => Lengths[symbol]).ThenBy(symbol => symbol))
        {
            code <<= Lengths[symbol] - length;
            length = Lengths[symbol];
            symbols.Add((length, code++), symbol);
        }

        return code == 1u << length ? symbols : throw new InvalidOperationException("The code is not complete.");
    }
}
