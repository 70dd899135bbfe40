namespace DistCache.Semantics.Fields;

/// <summary>Accept-Language (RFC 9110 §12.5.4) made comparable, in three strengths (rule 31). Null stays null.</summary>
public static class AcceptLanguageNormalization
{
    /// <summary>Means exactly the same: lower-case, no white space but after commas, weights in their shortest spelling.</summary>
    public static string? Normalize(string? value) => value is null ? null : Spell(QualityList.Read(value));

    /// <summary>By descending weight, equal ones by name: order in the list says nothing to an origin that reads weights (most do).</summary>
    public static string? NormalizeOrder(string? value) =>
        value is null ? null : Spell(QualityList.Read(value).OrderByDescending(wish => wish.Quality).ThenBy(wish => wish.Choice, StringComparer.Ordinal));

    /// <summary>The one offered language that the client likes best (RFC 4647 §3.4 lookup: "de-ch" falls back to "de"); <paramref name="fallback"/> when none is.</summary>
    /// <param name="offered">Lower-case language tags that the origin has, the first wins among equals.</param>
    public static string? Select(string? value, IReadOnlyList<string> offered, string fallback)
    {
        if (value is null)
            return null;
        foreach (var (wish, quality) in QualityList.Read(value).OrderByDescending(wish => wish.Quality))
            if (quality > 0 && Lookup(wish, offered) is { } found)
                return found;
        return fallback;
    }

    private static string? Lookup(string wish, IReadOnlyList<string> offered)
    {
        if (wish == "*")
            return offered.Count > 0 ? offered[0] : null;
        for (var range = wish; range.Length > 0; range = range.LastIndexOf('-') is var dash and > 0 ? range[..dash] : "")
            if (offered.Contains(range))
                return range;
        return null;
    }

    private static string Spell(IEnumerable<(string Choice, int Quality)> wishes) =>
        string.Join(", ", wishes.Select(wish => QualityList.Spell(wish.Choice, wish.Quality)));
}
