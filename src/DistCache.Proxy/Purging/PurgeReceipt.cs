using System.Globalization;
using System.IO.Hashing;
using System.Text;
using DistCache.Storage.Purging;

namespace DistCache.Proxy.Purging;

/// <summary>A purge that the log has taken.</summary>
/// <param name="Position">In the order of all purges of the fleet.</param>
/// <param name="RecordId">64 random bits: a position can be another purge's after the log has lost something.</param>
/// <param name="At">By the log's clock.</param>
/// <param name="By">The API key's name, or the address that sent it.</param>
public sealed record PurgeReceipt(long Position, ulong RecordId, DateTimeOffset At, PurgeMode Mode, string By, IReadOnlyList<PurgeSelector> Selectors)
{
    public string Id => RecordId.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>As <c>tag:product-17</c>, or <c>everything</c>.</summary>
    public static string Text(PurgeSelector selector) =>
        selector.Scope is PurgeScope.Everything ? "everything" : $"{selector.Scope.ToString().ToLowerInvariant()}:{selector.Value}";

    /// <summary>The same for a log, which more people read than may purge: no query string, and a tag, which may name a person, by its hash.</summary>
    public static string LogText(PurgeSelector selector) => selector switch
    {
        { Scope: PurgeScope.Tag, Value: var tag } => $"tag:#{XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(tag)):x16}",
        { Value: var value } when value.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query => Text(selector with { Value = value[..query] }) + "?...",
        _ => Text(selector),
    };
}

/// <summary>What a purge would select on this node now.</summary>
/// <param name="Bytes">Of their bodies.</param>
public readonly record struct PurgeMatches(long Responses, long Bytes);
