using DistCache.Semantics.Fields;

namespace DistCache.Proxy.Purging;

/// <summary>
/// The origin's labels for group purge: <c>Surrogate-Key</c> and <c>xkey</c> (separated by spaces), <c>Cache-Tag</c> and
/// <c>Edge-Cache-Tag</c> (by commas). Compared exactly, case and all.
/// </summary>
internal static class CacheTags
{
    /// <summary>Tags kept for one response.</summary>
    public const int Most = 64;

    /// <summary>Characters of one tag, each from 0x21 to 0x7E.</summary>
    public const int MostCharacters = 128;

    private static readonly (string Name, char Separator)[] Sources =
        [("Surrogate-Key", ' '), ("xkey", ' '), ("Cache-Tag", ','), ("Edge-Cache-Tag", ',')];

    public static bool IsTagField(string name)
    {
        foreach (var (source, _) in Sources)
            if (source.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    /// <summary>Null: more, longer or odder than is kept; a purge of any tag then selects the response.</summary>
    public static IReadOnlyList<string>? Of(FieldList fields)
    {
        HashSet<string>? tags = null;
        foreach (var (name, separator) in Sources)
            foreach (var line in fields.Lines(name))
                foreach (var tag in line.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                {
                    if (!IsTag(tag))
                        return null;
                    (tags ??= new(StringComparer.Ordinal)).Add(tag);
                    if (tags.Count > Most)
                        return null;
                }
        return tags is null ? [] : [.. tags];
    }

    public static bool IsTag(string tag) => tag.Length is > 0 and <= MostCharacters && !tag.AsSpan().ContainsAnyExceptInRange('!', '~');
}
