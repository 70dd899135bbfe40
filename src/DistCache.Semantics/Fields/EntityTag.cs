namespace DistCache.Semantics.Fields;

/// <summary>entity-tag (RFC 9110 §8.8.3). <see cref="Text"/> is the whole field value as it stood, obs-text included.</summary>
public readonly record struct EntityTag(string Text)
{
    /// <summary>The mark is case-sensitive (§8.8.3).</summary>
    public bool IsWeak => Text.StartsWith("W/", StringComparison.Ordinal);

    /// <summary>False for null, an unquoted tag and anything behind the closing quote.</summary>
    public static bool TryParse(string? text, out EntityTag tag)
    {
        var trimmed = Syntax.Trim(text);
        var isTag = !trimmed.IsEmpty && LengthOfFirst(trimmed) == trimmed.Length;
        tag = isTag ? new(trimmed.Length == text!.Length ? text : trimmed.ToString()) : default;
        return isTag;
    }

    /// <summary>Both strong and the same, character by character (§8.8.3.2).</summary>
    public bool StrongEquals(EntityTag other) => AreStrongEqual(Text, other.Text);

    /// <summary>The same opaque part, weak or not (§8.8.3.2).</summary>
    public bool WeakEquals(EntityTag other) => AreWeakEqual(Text, other.Text);

    internal static bool AreStrongEqual(ReadOnlySpan<char> one, ReadOnlySpan<char> other) => !one.StartsWith("W/") && one.SequenceEqual(other);

    internal static bool AreWeakEqual(ReadOnlySpan<char> one, ReadOnlySpan<char> other) => OpaqueOf(one).SequenceEqual(OpaqueOf(other));

    /// <summary>Length of the entity-tag that the text begins with; 0 when there is none. A backslash escapes nothing here.</summary>
    internal static int LengthOfFirst(ReadOnlySpan<char> text)
    {
        var start = text.StartsWith("W/") ? 2 : 0;
        if (start >= text.Length || text[start] != '"')
            return 0;
        for (var i = start + 1; i < text.Length; i++)
        {
            if (text[i] == '"')
                return i + 1;
            // etagc: no controls, no space, no DEL; obs-text is allowed.
            if (text[i] is <= ' ' or '\x7f')
                return 0;
        }
        return 0;
    }

    private static ReadOnlySpan<char> OpaqueOf(ReadOnlySpan<char> tag) => tag.StartsWith("W/") ? tag[2..] : tag;
}
