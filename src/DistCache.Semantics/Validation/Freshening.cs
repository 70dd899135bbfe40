using DistCache.Semantics.Fields;
using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Validation;

/// <summary>RFC 9111 §4.3.4, §3.2: which stored response a 304 confirms, and what its fields become. Rules 36, 37.</summary>
public static class Freshening
{
    /// <summary>Index of the stored response that this 304 selects, or -1. Each candidate is (ETag, Last-Modified as text).</summary>
    public static int Select(IReadOnlyList<(EntityTag? ETag, string? LastModified)> candidates, FieldList notModified) => throw new NotImplementedException();

    /// <summary>The stored fields, replaced name by name by those of the 304 except what describes the stored body, what is never stored, and Set-Cookie.</summary>
    public static FieldList Apply(FieldList stored, FieldList notModified) => throw new NotImplementedException();
}
