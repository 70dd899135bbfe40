namespace DistCache.Semantics.Fields;

/// <summary>delta-seconds (RFC 9111 §1.2.2): digits only; larger than 2^31 counts as 2^31.</summary>
public static class DeltaSeconds
{
    public const long Most = 1L << 31;

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan value)
    {
        value = default;
        if (text.IsEmpty)
            return false;
        long seconds = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
                return false;
            seconds = Math.Min(seconds * 10 + (c - '0'), Most);
        }
        value = TimeSpan.FromSeconds(seconds);
        return true;
    }
}
