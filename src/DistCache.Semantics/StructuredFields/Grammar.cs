using System.Buffers;

namespace DistCache.Semantics.StructuredFields;

/// <summary>Characters and limits of RFC 9651 §3, shared by parser and serialiser.</summary>
internal static class Grammar
{
    public const long LargestInteger = 999_999_999_999_999;
    public const decimal LargestDecimal = 999_999_999_999.999m;

    public static readonly SearchValues<char> TokenChars =
        SearchValues.Create("!#$%&'*+-.^_`|~:/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static readonly SearchValues<char> KeyChars = SearchValues.Create("*_-.0123456789abcdefghijklmnopqrstuvwxyz");

    public static bool StartsKey(char c) => char.IsAsciiLetterLower(c) || c == '*';

    public static bool StartsToken(char c) => char.IsAsciiLetter(c) || c == '*';

    public static bool IsKey(ReadOnlySpan<char> text) => !text.IsEmpty && StartsKey(text[0]) && !text.ContainsAnyExcept(KeyChars);

    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && StartsToken(text[0]) && !text.ContainsAnyExcept(TokenChars);

    public static bool IsPrintable(char c) => c is >= ' ' and <= '~';
}
