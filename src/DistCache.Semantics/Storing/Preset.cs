namespace DistCache.Semantics.Storing;

/// <summary>safe stores only on explicit freshness and trusts no client; rfc9111 does all that the RFCs allow.</summary>
public enum Preset
{
    Safe,
    Rfc9111,
}
