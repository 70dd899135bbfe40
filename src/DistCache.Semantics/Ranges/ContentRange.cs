using System.Globalization;
using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Ranges;

/// <summary>Content-Range (RFC 9110 §14.4). Length null: <c>*</c>.</summary>
public readonly record struct ContentRange(ByteRange Range, long? CompleteLength)
{
    /// <summary>False for null, other units, <c>bytes */N</c> (which names no range), a range that runs backwards or past its length, and numbers beyond 2^63-1.</summary>
    public static bool TryParse(string? text, out ContentRange value)
    {
        value = default;
        var rest = Syntax.Trim(text);
        if (!rest.StartsWith("bytes ", StringComparison.OrdinalIgnoreCase))
            return false;
        rest = rest[6..];
        int dash = rest.IndexOf('-'), slash = rest.IndexOf('/');
        if (dash < 0 || slash < dash || !TryNumber(rest[..dash], out var first) || !TryNumber(rest[(dash + 1)..slash], out var last))
            return false;
        long? complete = null;
        if (rest[(slash + 1)..] is not "*")
        {
            if (!TryNumber(rest[(slash + 1)..], out var length))
                return false;
            complete = length;
        }
        value = new(new(first, last), complete);
        return first <= last && last < (complete ?? long.MaxValue);
    }

    /// <summary>The field value of a 206, or of one part of it.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"bytes {Range.First}-{Range.Last}/{(CompleteLength is { } length ? length.ToString(CultureInfo.InvariantCulture) : "*")}");

    /// <summary>The field value of a 416: <c>bytes */N</c>.</summary>
    public static string Unsatisfied(long completeLength) => string.Create(CultureInfo.InvariantCulture, $"bytes */{completeLength}");

    // .NET lets NULs stand behind a number.
    private static bool TryNumber(ReadOnlySpan<char> digits, out long number) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number) && digits[^1] != '\0';
}
