using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Storing;

/// <summary>What the rules read from a request. Made for each request: no allocation.</summary>
public readonly record struct RequestFacts
{
    public required string Method { get; init; }
    public bool HasAuthorization { get; init; }

    /// <summary>Default (nothing set) when the request has no Cache-Control.</summary>
    public RequestDirectives Directives { get; init; }
}
