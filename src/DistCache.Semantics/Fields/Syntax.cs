using System.Buffers;

namespace DistCache.Semantics.Fields;

/// <summary>The few grammar pieces that all fields share (RFC 9110 §5.6).</summary>
internal static class Syntax
{
    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>OWS is space and tab only (§5.6.3); other controls and U+00A0 are data.</summary>
    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => text.Trim(" \t");

    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenChars);

    /// <summary>How many token characters the text begins with.</summary>
    public static int TokenLength(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExcept(TokenChars);
        return end < 0 ? text.Length : end;
    }

    /// <summary>Length with both quotes of the quoted-string that the text begins with (§5.6.4); 0 when it never closes.</summary>
    public static int QuotedStringLength(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
                return i + 1;
            if (text[i] == '\\')
                i++;
        }
        return 0;
    }

    /// <summary>What a quoted-string says, without its quotes and backslashes.</summary>
    public static ReadOnlySpan<char> Unquote(ReadOnlySpan<char> quoted)
    {
        var inner = quoted[1..^1];
        if (!inner.Contains('\\'))
            return inner;
        var text = new char[inner.Length];
        var length = 0;
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '\\')
                i++;
            text[length++] = inner[i];
        }
        return text.AsSpan(0, length);
    }
}
