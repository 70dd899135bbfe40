namespace DistCache.Semantics.Storing;

/// <summary>May a response be stored (RFC 9111 §3), and if not why not. The names flow unchanged to Cache-Status, log, metric and explain.</summary>
public enum StorageDecision
{
    Store,

    /// <summary>No freshness, but a validator: stored stale, validated at each use (rule 16).</summary>
    StoreForValidation,

    Method,
    Status,
    NoStore,
    RequestNoStore,
    Private,
    Authorization,
    SetCookie,
    VaryStar,
    NoFreshness,
    MustUnderstand,
    CloseDelimited,
    Partial,
    ContentLocation,
}

public static class StorageDecisions
{
    public static bool MayStore(this StorageDecision decision) => decision <= StorageDecision.StoreForValidation;

    /// <summary>The named reason, kebab-case: "no-store", "vary-star".</summary>
    public static string Reason(this StorageDecision decision) => throw new NotImplementedException();
}
