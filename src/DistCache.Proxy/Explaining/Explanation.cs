namespace DistCache.Proxy.Explaining;

/// <summary>What the edge would do with a request.</summary>
public enum ExplainedDecision
{
    /// <summary>Answer from the cache.</summary>
    Hit,

    /// <summary>Answer from the cache with a stale response.</summary>
    Stale,

    /// <summary>Ask the origin whether what is stored still holds.</summary>
    Validate,

    /// <summary>Fetch from the origin.</summary>
    Fetch,

    /// <summary>Forward without the cache.</summary>
    Pass,

    /// <summary>Refuse at the gate.</summary>
    Refuse,

    /// <summary>Answer with an error of our own.</summary>
    Error,
}

/// <summary>What would become of a request now, why, and what would make it a hit. The shape of <c>GET /api/v1/explain</c>.</summary>
public sealed record Explanation
{
    public required string Method { get; init; }

    public required string Url { get; init; }

    public required ExplainedDecision Decision { get; init; }

    /// <summary>The named reason: that of Cache-Status, log and metric.</summary>
    public required string Reason { get; init; }

    public required string Because { get; init; }

    /// <summary>Section of the RFC or of the edge's own rules.</summary>
    public required string Rule { get; init; }

    /// <summary>What would make it a hit.</summary>
    public required string Remedy { get; init; }

    /// <summary>The configuration key to change; null: it is not ours to change.</summary>
    public string? Setting { get; init; }

    /// <summary>The edge's own answer, for <see cref="ExplainedDecision.Refuse"/> and <see cref="ExplainedDecision.Error"/>.</summary>
    public int? Status { get; init; }

    /// <summary>Why the origin is asked, in the words of RFC 9211 §2.2; null: it is not.</summary>
    public string? Forward { get; init; }

    public ExplainedRoute? Route { get; init; }

    public ExplainedPolicy? Policy { get; init; }

    public ExplainedKey? Key { get; init; }

    /// <summary>The stored response that this request selects; null: there is none.</summary>
    public ExplainedResponse? Stored { get; init; }

    /// <summary>Where responses are stored for this URL and none matches: the fields that differ.</summary>
    public IReadOnlyList<ExplainedVariant>? Differs { get; init; }

    /// <summary>What the shared tier holds; null: there is none, or memory has decided.</summary>
    public ExplainedShared? Shared { get; init; }

    /// <summary>The edge of this region that keeps the key and is asked before all others; null: this one, or the region is not partitioned.</summary>
    public string? Owner { get; init; }

    /// <summary>Who is asked in the place of the origin; null: nobody, or the origin need not be asked.</summary>
    public ExplainedShield? Shield { get; init; }

    /// <summary>What the origin says now; null: it was not asked.</summary>
    public ExplainedAnswer? Origin { get; init; }
}

/// <param name="Nodes">Those that would be asked now, one where the other gives no answer; empty: none can be, and the origin is asked.</param>
public sealed record ExplainedShield(string Region, IReadOnlyList<string> Nodes);

/// <param name="Authorization">The authorization policy that is asked first and is not part of this explanation; null: none.</param>
public sealed record ExplainedRoute(
    string Id, int Order, IReadOnlyList<string> Hosts, string? Path, IReadOnlyList<string> Methods, string? Cluster, IReadOnlyList<string> Destinations, string? Authorization);

public sealed record ExplainedPolicy(string Name, string Preset, string Revision);

/// <param name="Hash">As <c>key</c> of the access log.</param>
/// <param name="Fields">The policy's own parts: names of request fields and cookies; their values may be secrets.</param>
public sealed record ExplainedKey(string Hash, string Scheme, string Host, string Path, string Query, string Route, IReadOnlyList<string> Fields);

/// <summary>Times in seconds.</summary>
/// <param name="LifetimeFrom">none, targeted, s-maxage, max-age, expires, heuristic, policy.</param>
/// <param name="Ttl">Negative: stale for so long.</param>
/// <param name="Fields">The fields that decided over storing and freshness.</param>
public sealed record ExplainedResponse(
    int Status, double Age, double Lifetime, string LifetimeFrom, double Ttl, double StaleWhileRevalidate, double StaleIfError, bool HasValidator,
    IReadOnlyList<string>? Tags, int Variants, IReadOnlyDictionary<string, string> Fields, long? Bytes);

/// <param name="Answer"><c>fresh</c>, <c>stale</c>, <c>unusable</c>, <c>missing</c>, <c>rejected</c>, <c>held</c>, <c>uncacheable</c>, <c>unavailable</c> or <c>not-asked</c>.</param>
/// <param name="Because">In words.</param>
/// <param name="Copy">Where the rules may judge it: what lies there.</param>
public sealed record ExplainedShared(string Answer, string Because, ExplainedResponse? Copy = null);

/// <param name="Stored">Of the stored responses.</param>
/// <param name="Asked">Of this request; null: absent. Credentials and cookies are not shown.</param>
public sealed record ExplainedVariant(string Field, IReadOnlyList<string?> Stored, string? Asked);

/// <param name="Destination">Id in the configuration.</param>
/// <param name="Error">RFC 9209 §2.3, where no answer could be had.</param>
/// <param name="MayStore">The answer to a client's request would be stored.</param>
/// <param name="Next">What the next request would meet then: a reason of its own.</param>
/// <param name="Response">Its head, as it would be stored; null: there was none.</param>
public sealed record ExplainedAnswer(string? Destination, string? Error, bool MayStore, string? Next, ExplainedResponse? Response);
