namespace DistCache.Semantics.Storing;

/// <summary>How Accept-Language is made comparable (rule 31).</summary>
public enum LanguageNormalization
{
    /// <summary>White space and lines only, as every field.</summary>
    Off,

    /// <summary>Case, white space and the spelling of weights: means exactly the same.</summary>
    Spelling,

    /// <summary>By weight; the order of equal weights does not count (RFC 9110 §12.5.4 gives it no meaning).</summary>
    Order,

    /// <summary>The one of <see cref="VaryOptions.Languages"/> that the client likes best; it goes to the origin too.</summary>
    Select,
}

/// <summary>Rule 31: normalisation of nominated request fields (RFC 9111 §4.1), one switch for each field.</summary>
public sealed record VaryOptions
{
    public static readonly VaryOptions None = new();

    /// <summary>Content codings that the origin has, lower-case, the preferred first. Empty: Accept-Encoding is compared as it is. The reduced field goes to the origin.</summary>
    public IReadOnlyList<string> AcceptEncoding { get; init; } = [];

    /// <summary>Lower-case names of fields that the origin never sees: they do not count where Vary names them.</summary>
    public IReadOnlyList<string> Removed { get; init; } = [];

    public LanguageNormalization AcceptLanguage { get; init; }

    /// <summary>For <see cref="LanguageNormalization.Select"/>: lower-case tags of the languages that the origin has; the first is also for who wants none of them.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];
}
