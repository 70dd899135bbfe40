using System.Security.Cryptography;
using DistCache.Proxy.Purging;

namespace DistCache.Edge.Admin.Purging;

/// <summary>What was purged under an idempotency key. The last <see cref="Most"/> keys are remembered, until the node stops.</summary>
internal sealed class IdempotentPurges
{
    public const int Most = 10_000;
    public const int MostCharacters = 128;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Caller, string Key), (byte[] Body, Task<PurgeReceipt?> Purge)> _known = [];
    private readonly Queue<(string, string)> _order = new();

    /// <summary>The earlier purge, or that of <paramref name="purge"/>. Null: the key was used for another body. One that the log did not take is forgotten.</summary>
    public Task<PurgeReceipt?>? Once(string caller, string key, byte[] body, Func<Task<PurgeReceipt?>> purge)
    {
        var hash = SHA256.HashData(body);
        lock (_gate)
        {
            if (_known.TryGetValue((caller, key), out var known) && known.Purge is not { IsCompleted: true, IsCompletedSuccessfully: false } and not { IsCompletedSuccessfully: true, Result: null })
                return known.Body.AsSpan().SequenceEqual(hash) ? known.Purge : null;
            var begun = purge();
            if (_known.TryAdd((caller, key), (hash, begun)))
                _order.Enqueue((caller, key));
            else
                _known[(caller, key)] = (hash, begun);
            if (_order.Count > Most)
                _known.Remove(_order.Dequeue());
            return begun;
        }
    }
}
