namespace DistCache.Storage.Purging;

/// <summary>Rules 14 and 18 of the purge protocol, as far as they stand here, with switches that only tests turn.</summary>
internal sealed record PurgeIndexRules
{
    public static readonly PurgeIndexRules All = new();

    /// <summary>The last hard and the last soft purge are kept apart. Off: the last one and its mode.</summary>
    public bool KeepsHardAndSoft { get; init; } = true;

    /// <summary>Prefixes that have no room purge everything. Off: forgotten.</summary>
    public bool OldestPrefixIsAll { get; init; } = true;

    /// <summary>Rule 18: what carried more tags than may be kept is selected by every purge of a tag. Off: by none.</summary>
    public bool AnyTagSelectsUnknown { get; init; } = true;

    /// <summary>What has no room is folded. Off: forgotten.</summary>
    public bool FoldsOldest { get; init; } = true;
}
