using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Storing;

/// <summary>RFC 9111 §3.1: the fields of a response that are stored (rule 19). Adds Date when it was missing (rule 6); leaves out Age.</summary>
public static class StoredFields
{
    public static FieldList From(ResponseFacts response, CachingOptions options) => throw new NotImplementedException();
}
