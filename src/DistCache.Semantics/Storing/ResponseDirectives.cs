namespace DistCache.Semantics.Storing;

/// <summary>Which field the directives were read from.</summary>
public enum DirectiveSource
{
    None,
    CacheControl,
    SurrogateControl,
    Targeted,
}

/// <summary>Response directives (RFC 9111 §5.2.2, 5861, 8246, 9213) after the rules on duplicates and invalid values.</summary>
public sealed record ResponseDirectives
{
    public required DirectiveSource Source { get; init; }
    public TimeSpan? MaxAge { get; init; }
    public TimeSpan? SMaxAge { get; init; }

    /// <summary>max-age or s-maxage stood there without a usable value: stale at once, and no heuristic (§4.2.1, rule 17).</summary>
    public bool HasInvalidLifetime { get; init; }

    public bool NoStore { get; init; }
    public bool NoCache { get; init; }
    public bool Private { get; init; }
    public bool Public { get; init; }
    public bool MustRevalidate { get; init; }
    public bool ProxyRevalidate { get; init; }
    public bool MustUnderstand { get; init; }
    public bool NoTransform { get; init; }
    public TimeSpan? StaleWhileRevalidate { get; init; }
    public TimeSpan? StaleIfError { get; init; }

    /// <summary>Names in qualified no-cache="..." and private="...": not stored (rule 19).</summary>
    public IReadOnlyList<string> FieldsNotToStore { get; init; } = [];
}
