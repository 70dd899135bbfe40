using System.Globalization;

namespace DistCache.Proxy.Configuration;

/// <summary>Sizes as operators write them: plain bytes, or a whole or decimal number with KiB, MiB, GiB, TiB (1024) or kB, MB, GB, TB (1000).</summary>
public static class ByteSize
{
    /// <summary>What a complaint about a size says as its remedy.</summary>
    public const string Remedy = "Write a number of bytes, or one with KiB, MiB, GiB or TiB, as in 512MiB";

    private static readonly (string Name, long Bytes)[] Units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1),
    ];

    // decimal holds any 28 digits exactly, and rounds more.
    private const int MostCharacters = 28;

    /// <summary>Units in any case, an optional space before them. No sign, no exponent, nothing above 2^63 - 1, no part of a byte, at most 28 characters before the unit.</summary>
    public static bool TryParse(string? text, out long bytes)
    {
        bytes = 0;
        var number = text.AsSpan().Trim();
        long unit = 1;
        foreach (var (name, size) in Units)
        {
            if (!number.EndsWith(name, StringComparison.OrdinalIgnoreCase))
                continue;
            number = number[..^name.Length].TrimEnd();
            unit = size;
            break;
        }

        if (number.Length > MostCharacters || number.ContainsAnyExcept("0123456789.")
            || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || value > long.MaxValue)
            return false;

        // decimal holds 2^96: a product that leaves it is refused before it is made.
        if (value > decimal.MaxValue / unit)
            return false;
        value *= unit;
        if (value > long.MaxValue || value != decimal.Truncate(value))
            return false;
        bytes = (long)value;
        return true;
    }

    /// <summary>The largest binary unit that keeps the number at 1 or above, at most one decimal: <c>512 MiB</c>, <c>1.9 GiB</c>, <c>17 bytes</c>.</summary>
    public static string Format(long bytes)
    {
        for (var i = 3; i >= 0; i--)
        {
            if (bytes >= Units[i].Bytes)
                return string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / Units[i].Bytes:0.#} {Units[i].Name}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");
    }
}
