using DistCache.Storage.Purging;

namespace DistCache.Proxy.Purging;

/// <summary>A purge that has been applied.</summary>
/// <param name="Position">Of the purge in the order of all purges of this node.</param>
/// <param name="Id">128 random bits.</param>
/// <param name="By">The API key's name, or the address that sent it.</param>
public sealed record PurgeReceipt(long Position, string Id, DateTimeOffset At, PurgeMode Mode, string By, IReadOnlyList<PurgeSelector> Selectors)
{
    /// <summary>As <c>tag:product-17</c>, or <c>everything</c>.</summary>
    public static string Text(PurgeSelector selector) =>
        selector.Scope is PurgeScope.Everything ? "everything" : $"{selector.Scope.ToString().ToLowerInvariant()}:{selector.Value}";
}

/// <summary>What a purge would select on this node now.</summary>
/// <param name="Bytes">Of their bodies.</param>
public readonly record struct PurgeMatches(long Responses, long Bytes);
