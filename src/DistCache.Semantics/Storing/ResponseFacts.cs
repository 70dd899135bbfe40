using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Storing;

/// <summary>How the end of a body is known (RFC 9112 §6.3, RFC 9113 §8.1).</summary>
public enum BodyFraming
{
    /// <summary>Content-Length, chunked or END_STREAM: the end can be told from a cut.</summary>
    Framed,

    /// <summary>Ends when the connection closes: a cut looks like the end.</summary>
    CloseDelimited,
}

/// <summary>Everything that the rules read from a response, read once.</summary>
public sealed record ResponseFacts
{
    public required int Status { get; init; }
    public required FieldList Fields { get; init; }
    public required BodyFraming Framing { get; init; }

    /// <summary>The directives that count for this cache: a targeted field, Surrogate-Control or Cache-Control (rules 1-3, 9).</summary>
    public required ResponseDirectives Directives { get; init; }

    /// <summary>Null: absent. <see cref="DateTimeOffset.MinValue"/>: invalid, which means in the past (RFC 9111 §5.3). Null too when a targeted field decides.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Date, or the time of receipt when it is missing or invalid (rule 6).</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>Whether the response itself carried a valid Date.</summary>
    public required bool HasDate { get; init; }

    public DateTimeOffset? LastModified { get; init; }
    public EntityTag? ETag { get; init; }
    public required TimeSpan Age { get; init; }
    public required VaryField Vary { get; init; }

    public static ResponseFacts Read(int status, FieldList fields, BodyFraming framing, DateTimeOffset receivedAt, CachingOptions options) =>
        throw new NotImplementedException();
}
