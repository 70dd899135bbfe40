namespace DistCache.Semantics.Fields;

/// <summary>How a nominated request field is made comparable (RFC 9111 §4.1). Two requests match when their results are equal; absent equals absent only.</summary>
public static class VaryNormalization
{
    /// <summary>White space outside quoted strings normalised, lines combined in order with ", " (§4.1's minimum, always allowed); null when there is no line.</summary>
    public static string? Combine(ReadOnlySpan<string?> lines) => throw new NotImplementedException();
}
