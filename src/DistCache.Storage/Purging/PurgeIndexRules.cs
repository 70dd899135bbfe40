namespace DistCache.Storage.Purging;

/// <summary>Rule 14 of the purge protocol, with switches that only tests turn.</summary>
internal sealed record PurgeIndexRules
{
    public static readonly PurgeIndexRules All = new();

    /// <summary>The last hard and the last soft purge are kept apart. Off: the last one and its mode.</summary>
    public bool KeepsHardAndSoft { get; init; } = true;

    /// <summary>What has no room is folded. Off: forgotten.</summary>
    public bool FoldsOldest { get; init; } = true;
}
