using System.Security.Cryptography;

namespace DistCache.Edge.Admin.Purging;

/// <summary>What was answered under an idempotency key. The last <see cref="Most"/> keys are remembered, until the node stops.</summary>
internal sealed class IdempotentPurges
{
    public const int Most = 10_000;
    public const int MostCharacters = 128;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Caller, string Key), (byte[] Body, PurgeAnswer Answer)> _known = [];
    private readonly Queue<(string, string)> _order = new();

    /// <summary>The earlier answer, or that of <paramref name="purge"/>. Null: the key was used for another body.</summary>
    public PurgeAnswer? Once(string caller, string key, byte[] body, Func<PurgeAnswer> purge)
    {
        var hash = SHA256.HashData(body);
        lock (_gate)
        {
            if (_known.TryGetValue((caller, key), out var known))
                return known.Body.AsSpan().SequenceEqual(hash) ? known.Answer : null;
            var answer = purge();
            _known[(caller, key)] = (hash, answer);
            _order.Enqueue((caller, key));
            if (_order.Count > Most)
                _known.Remove(_order.Dequeue());
            return answer;
        }
    }
}
