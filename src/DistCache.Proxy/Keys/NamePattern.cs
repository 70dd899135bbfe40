namespace DistCache.Proxy.Keys;

/// <summary>A name, or the beginning of names before a <c>*</c>.</summary>
internal static class NamePattern
{
    public static bool AnyMatches(IReadOnlyList<string> patterns, ReadOnlySpan<char> name)
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            var pattern = patterns[i].AsSpan();
            if (pattern.EndsWith("*") ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name.SequenceEqual(pattern))
                return true;
        }
        return false;
    }
}
