using DistCache.Storage.Bodies;

namespace DistCache.Storage.Memory;

/// <summary>
/// The sets of variants that were read out of their records last, for those who ask for the same again: a table of fixed size, in which each
/// key has one place. Reading takes no lock; it is changed under the tier's. What has changed in the tier is no longer in it.
/// </summary>
internal sealed class WarmResponses
{
    private const int Most = 8192;
    private const int Fewest = 16;
    private const int CapacityOfOne = 128 << 10;

    private readonly VariantSet?[] _places;

    /// <param name="pool">One place for each 128 KiB of its capacity, 16 to 8,192.</param>
    public WarmResponses(ChunkPool pool)
    {
        _places = new VariantSet?[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(pool.Capacity / CapacityOfOne, Fewest, Most))];
    }

    /// <summary>Bytes of managed memory that the sets take, about.</summary>
    public long Footprint { get; private set; }

    public VariantSet? Find(ulong hash, ReadOnlySpan<byte> key) =>
        Volatile.Read(ref PlaceOf(hash)) is { } set && set.Hash == hash && set.Responses[0].Key.Bytes.SequenceEqual(key) ? set : null;

    public void Add(VariantSet set)
    {
        ref var place = ref PlaceOf(set.Hash);
        Footprint += set.Footprint - (place?.Footprint ?? 0);
        Volatile.Write(ref place, set);
    }

    /// <summary>What is stored under that hash is another set from now on.</summary>
    public void Remove(ulong hash)
    {
        ref var place = ref PlaceOf(hash);
        if (place is not { } set || set.Hash != hash)
            return;
        Footprint -= set.Footprint;
        Volatile.Write(ref place, null);
    }

    private ref VariantSet? PlaceOf(ulong hash) => ref _places[(int)hash & (_places.Length - 1)];
}
