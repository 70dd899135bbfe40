namespace DistCache.Semantics.Ranges;

/// <summary>
/// One range-spec (RFC 9110 §14.1.2): <c>first-last</c>, <c>first-</c> or <c>-suffix</c>. Numbers beyond 2^63 mean 2^63-1: no body is
/// that long, so nothing changes but that nothing overflows.
/// </summary>
internal readonly record struct RangeSpec(long? First, long? Last)
{
    public static bool TryParse(ReadOnlySpan<char> text, out RangeSpec spec)
    {
        spec = default;
        var dash = text.IndexOf('-');
        if (dash < 0)
            return false;
        ReadOnlySpan<char> first = text[..dash], last = text[(dash + 1)..];
        if (!IsDigits(first) || !IsDigits(last) || (first.IsEmpty && last.IsEmpty))
            return false;
        spec = new(first.IsEmpty ? null : Number(first), last.IsEmpty ? null : Number(last));
        return first.IsEmpty || last.IsEmpty || !IsLess(last, first);
    }

    /// <summary>Null: not satisfiable for this length. A suffix longer than the body is the whole body.</summary>
    public ByteRange? Within(long length)
    {
        if (First is not { } first)
            return Last is > 0 && length > 0 ? new(Math.Max(0, length - Last.Value), length - 1) : null;
        return first < length ? new(first, Math.Min(Last ?? long.MaxValue, length - 1)) : null;
    }

    /// <summary>A suffix of some bytes: satisfiable by definition, though an empty body has no bytes to name.</summary>
    public bool IsSuffixOfSomething => First is null && Last > 0;

    private static bool IsDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');

    private static long Number(ReadOnlySpan<char> digits)
    {
        long number = 0;
        foreach (var c in digits)
        {
            var digit = c - '0';
            if (number > (long.MaxValue - digit) / 10)
                return long.MaxValue;
            number = number * 10 + digit;
        }
        return number;
    }

    private static bool IsLess(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        a = a.TrimStart('0');
        b = b.TrimStart('0');
        return a.Length != b.Length ? a.Length < b.Length : a.SequenceCompareTo(b) < 0;
    }
}
