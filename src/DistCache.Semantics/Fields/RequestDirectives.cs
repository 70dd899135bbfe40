namespace DistCache.Semantics.Fields;

/// <summary>Cache-Control of a request (RFC 9111 §5.2.1). Invalid arguments: the directive counts as absent.</summary>
public readonly record struct RequestDirectives
{
    public bool NoStore { get; init; }
    public bool NoCache { get; init; }
    public bool OnlyIfCached { get; init; }
    public TimeSpan? MaxAge { get; init; }
    public TimeSpan? MinFresh { get; init; }

    /// <summary><see cref="TimeSpan.MaxValue"/> when max-stale came without a value.</summary>
    public TimeSpan? MaxStale { get; init; }

    public static RequestDirectives Read(IEnumerable<string> lines) => throw new NotImplementedException();
}
