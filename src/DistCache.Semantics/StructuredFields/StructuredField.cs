using System.Diagnostics.CodeAnalysis;

namespace DistCache.Semantics.StructuredFields;

/// <summary>
/// Structured Field Values (RFC 9651). Parsing takes all lines of one field in order (§4.2); it is strict and all or nothing.
/// Serialising fails for what the format cannot say (§4.1); an empty list or dictionary gives "", and then the field is not sent.
/// </summary>
public static class StructuredField
{
    public static bool TryParseItem(IEnumerable<string> lines, [NotNullWhen(true)] out Item? item)
    {
        var parser = new Parser(Join(lines));
        var parsed = parser.TryItem(out item) && parser.IsAtEnd();
        return parsed || Nothing(out item);
    }

    public static bool TryParseList(IEnumerable<string> lines, [NotNullWhen(true)] out IReadOnlyList<Member>? list)
    {
        var parser = new Parser(Join(lines));
        return parser.TryList(out list) || Nothing(out list);
    }

    /// <summary>Keys in the order of their first appearance; the last value of a key wins (§4.2.2).</summary>
    public static bool TryParseDictionary(IEnumerable<string> lines, [NotNullWhen(true)] out IReadOnlyDictionary<string, Member>? dictionary)
    {
        var parser = new Parser(Join(lines));
        return parser.TryDictionary(out dictionary) || Nothing(out dictionary);
    }

    public static bool TrySerialize(Item item, [NotNullWhen(true)] out string? text)
    {
        var serializer = new Serializer();
        text = serializer.TryItem(item) ? serializer.ToString() : null;
        return text is not null;
    }

    public static bool TrySerialize(IEnumerable<Member> list, [NotNullWhen(true)] out string? text)
    {
        var serializer = new Serializer();
        text = serializer.TryList(list) ? serializer.ToString() : null;
        return text is not null;
    }

    public static bool TrySerialize(IEnumerable<KeyValuePair<string, Member>> dictionary, [NotNullWhen(true)] out string? text)
    {
        var serializer = new Serializer();
        text = serializer.TryDictionary(dictionary) ? serializer.ToString() : null;
        return text is not null;
    }

    private static string Join(IEnumerable<string> lines) => string.Join(", ", lines);

    private static bool Nothing<T>(out T? value)
    {
        value = default;
        return false;
    }
}
