using System.IO.Hashing;
using System.Numerics;
using System.Security.Cryptography;
using DistCache.Storage.Memory;

namespace DistCache.Proxy.Hits;

/// <summary>
/// The known hits, each in one of two places of a table of fixed size: who comes takes the place of who is known longer. Nothing depends on
/// what is in it but speed. Their bytes count in the memory tier's account. Reading takes no lock.
/// </summary>
internal sealed class KnownHits
{
    /// <summary>Clients choose their targets; where they fall they must not know.</summary>
    public static readonly long Seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));

    private const int Most = 1 << 16;
    private const int BytesOfOne = 16 << 10;

    private readonly KnownHit?[] _table;
    private readonly MemoryTier _memory;

    /// <param name="memory">One place for each 16 KiB of its capacity, 256 to 65,536.</param>
    public KnownHits(MemoryTier memory)
    {
        _memory = memory;
        _table = new KnownHit?[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(memory.Pool.Capacity / BytesOfOne, 256, Most))];
    }

    public static ulong HashOf(ulong host, ReadOnlySpan<byte> target) => XxHash3.HashToUInt64(target, (long)host);

    public KnownHit? Find(KnownFields fields, bool isHttps, ReadOnlySpan<byte> target)
    {
        var hash = HashOf(fields.Hash, target);
        var at = (int)hash & (_table.Length - 1);
        if (Volatile.Read(ref _table[at]) is { } first && first.Answers(hash, isHttps, fields.Host, target))
            return first;
        return Volatile.Read(ref _table[at ^ 1]) is { } second && second.Answers(hash, isHttps, fields.Host, target) ? second : null;
    }

    public bool Has(KnownHit hit)
    {
        var at = (int)hit.Hash & (_table.Length - 1);
        return Volatile.Read(ref _table[at]) == hit || Volatile.Read(ref _table[at ^ 1]) == hit;
    }

    public void Add(KnownHit hit)
    {
        var at = (int)hit.Hash & (_table.Length - 1);
        var (first, second) = (Volatile.Read(ref _table[at]), Volatile.Read(ref _table[at ^ 1]));
        // Its own place again, an empty one, one of who has left; else the older of the two moves out.
        if (first is not null && first.Hash != hit.Hash && (second is null || second.Hash == hit.Hash || !second.Response.IsResident || first.Response.ReceivedAt > second.Response.ReceivedAt))
            at ^= 1;
        _memory.Charge(hit.Footprint);
        if (Interlocked.Exchange(ref _table[at], hit) is not { } replaced)
            return;
        _memory.Charge(-replaced.Footprint);
        replaced.Forget();
    }
}
