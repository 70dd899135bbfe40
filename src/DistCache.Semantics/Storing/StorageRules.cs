namespace DistCache.Semantics.Storing;

/// <summary>RFC 9111 §3, RFC 9110 §9.3.3: may a shared cache store this response to this request? Rules 10-18.</summary>
public static class StorageRules
{
    /// <param name="targetUri">Absolute target URI, for POST with Content-Location (rule 10).</param>
    public static StorageDecision Decide(in RequestFacts request, ResponseFacts response, string targetUri, CachingOptions options) =>
        throw new NotImplementedException();
}
