namespace DistCache.Semantics.Writes;

/// <summary>RFC 9111 §4.4: which URIs an answered write makes invalid. Rule 45.</summary>
public static class InvalidationRules
{
    /// <summary>Absolute URIs: the target, and Location and Content-Location when they are of the same origin. Empty for safe methods and error answers.</summary>
    public static IReadOnlyList<string> Targets(string method, int status, string targetUri, string? location, string? contentLocation) => throw new NotImplementedException();
}
