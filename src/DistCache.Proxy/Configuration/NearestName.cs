namespace DistCache.Proxy.Configuration;

/// <summary>For a name that does not exist: which one was meant.</summary>
public static class NearestName
{
    /// <summary>To follow "there is no policy 'x' in Y": <c>; the nearest name is 'z'</c>.</summary>
    public static string Hint(string name, IEnumerable<string> known) =>
        Of(name, known) is { } nearest ? $"; the nearest name is '{nearest}'" : "; the section is empty";

    /// <summary>The name that is the fewest edits away, case aside; null when there are none.</summary>
    public static string? Of(string name, IEnumerable<string> known) =>
        known.MinBy(other => Distance(name.ToLowerInvariant(), other.ToLowerInvariant()));

    /// <summary>The same, but only one that is at most that many edits away.</summary>
    public static string? Of(string name, IEnumerable<string> known, int within) =>
        Of(name, known) is { } nearest && Distance(name.ToLowerInvariant(), nearest.ToLowerInvariant()) <= within ? nearest : null;

    /// <summary>Levenshtein's: insertions, deletions and replacements, one row kept.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }
}
