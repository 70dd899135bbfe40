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

    /// <summary>Null when absent or invalid: an invalid one can neither be compared nor give a heuristic.</summary>
    public DateTimeOffset? LastModified { get; init; }

    /// <summary>Null when absent, unquoted or otherwise no entity-tag.</summary>
    public EntityTag? ETag { get; init; }

    /// <summary>Zero when absent or invalid (rule 4).</summary>
    public required TimeSpan Age { get; init; }
    public required VaryField Vary { get; init; }

    public static ResponseFacts Read(int status, FieldList fields, BodyFraming framing, DateTimeOffset receivedAt, CachingOptions options)
    {
        var directives = DirectiveSelection.Of(fields, options.TargetedFields);
        var date = ReadDate(fields, FieldNames.Date, receivedAt);
        return new()
        {
            Status = status,
            Fields = fields,
            Framing = framing,
            Directives = directives,
            Expires = directives.Source is DirectiveSource.Targeted or DirectiveSource.SurrogateControl ? null : ReadExpires(fields, receivedAt),
            Date = date ?? receivedAt,
            HasDate = date is not null,
            LastModified = ReadDate(fields, FieldNames.LastModified, receivedAt),
            ETag = EntityTag.TryParse(fields.Single(FieldNames.ETag), out var tag) ? tag : null,
            Age = ReadAge(fields),
            Vary = fields.Has(FieldNames.Vary) ? VaryField.Read(fields.Lines(FieldNames.Vary)) : VaryField.None,
        };
    }

    private static DateTimeOffset? ReadDate(FieldList fields, string name, DateTimeOffset now) =>
        fields.Single(name) is { } line && HttpDate.TryParse(line, now, out var date) ? date : null;

    private static DateTimeOffset? ReadExpires(FieldList fields, DateTimeOffset now) =>
        fields.Has(FieldNames.Expires) ? ReadDate(fields, FieldNames.Expires, now) ?? DateTimeOffset.MinValue : null;

    // §5.1: the first value of the first line; "several members" is a mistake that is not worth a stale answer.
    private static TimeSpan ReadAge(FieldList fields)
    {
        foreach (var member in new ListMembers(fields.First(FieldNames.Age)))
            return DeltaSeconds.TryParse(member, out var age) ? age : TimeSpan.Zero;
        return TimeSpan.Zero;
    }
}
