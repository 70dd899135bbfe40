using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Storing;

/// <summary>Which field speaks to this cache (RFC 9213 §2.2, rule 9): the first valid targeted field, then Surrogate-Control, then Cache-Control.</summary>
internal static class DirectiveSelection
{
    private static readonly ResponseDirectives None = new() { Source = DirectiveSource.None };

    public static ResponseDirectives Of(FieldList fields, IReadOnlyList<string> targetedFields)
    {
        foreach (var name in targetedFields)
            if (fields.Has(name) && TargetedFieldReader.TryRead(fields.Lines(name), out var targeted))
                return targeted;
        if (fields.Has(FieldNames.SurrogateControl) && Surrogate(fields) is { } surrogate)
            return surrogate;
        return fields.Has(FieldNames.CacheControl)
            ? CacheControlReader.Read(fields.Lines(FieldNames.CacheControl), DirectiveSource.CacheControl)
            : None;
    }

    // Often it says only content="ESI/1.0": then it has no word on caching.
    private static ResponseDirectives? Surrogate(FieldList fields)
    {
        var read = CacheControlReader.Read(fields.Lines(FieldNames.SurrogateControl), DirectiveSource.SurrogateControl);
        return read.NoStore || read.MaxAge is not null || read.HasInvalidLifetime ? read : null;
    }
}
