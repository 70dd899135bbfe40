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
    public static string Reason(this StorageDecision decision) => decision switch
    {
        StorageDecision.Store => "store",
        StorageDecision.StoreForValidation => "store-for-validation",
        StorageDecision.Method => "method",
        StorageDecision.Status => "status",
        StorageDecision.NoStore => "no-store",
        StorageDecision.RequestNoStore => "request-no-store",
        StorageDecision.Private => "private",
        StorageDecision.Authorization => "authorization",
        StorageDecision.SetCookie => "set-cookie",
        StorageDecision.VaryStar => "vary-star",
        StorageDecision.NoFreshness => "no-freshness",
        StorageDecision.MustUnderstand => "must-understand",
        StorageDecision.CloseDelimited => "close-delimited",
        StorageDecision.Partial => "partial",
        StorageDecision.ContentLocation => "content-location",
        _ => throw new ArgumentOutOfRangeException(nameof(decision)),
    };
}
