using DistCache.Storage.Bodies;

namespace DistCache.Storage.Memory;

/// <summary>
/// The sets of variants that were read out of their records last, for those who ask for the same again: a table of fixed size, in which each
/// key has one place. Reading takes no lock; it is changed under the tier's. What has changed in the tier is no longer in it. Nobody makes room for
/// it, so it takes a small part of the capacity and no more: else looking up would fill the tier.
/// </summary>
internal sealed class WarmResponses
{
    private const int Most = 8192;
    private const int Fewest = 16;
    private const int CapacityOfOne = 128 << 10;

    /// <summary>Of the capacity: twice what sets of the usual size take.</summary>
    private const int Part = 32;

    /// <summary>Of that part: a set of many variants with long values shall not take the place of all others.</summary>
    private const int PartOfOne = 4;

    /// <summary>Places that may have to give way to a newcomer: whoever adds waits for no more.</summary>
    private const int MostLeaving = 32;

    private readonly ChunkPool _pool;
    private readonly VariantSet?[] _places;
    private int _hand;

    /// <param name="pool">One place for each 128 KiB of its capacity, 16 to 8,192.</param>
    public WarmResponses(ChunkPool pool)
    {
        _pool = pool;
        _places = new VariantSet?[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(pool.Capacity / CapacityOfOne, Fewest, Most))];
    }

    /// <summary>Bytes of managed memory that the sets take, about.</summary>
    public long Footprint { get; private set; }

    public VariantSet? Find(ulong hash, ReadOnlySpan<byte> key) =>
        Volatile.Read(ref PlaceOf(hash)) is { } set && set.Hash == hash && set.Responses[0].Key.Bytes.SequenceEqual(key) ? set : null;

    /// <summary>In the place of another one, and of a few more where there is no room.</summary>
    public void Add(VariantSet set)
    {
        var most = _pool.Capacity / Part;
        if (set.Footprint > most / PartOfOne)
            return;
        ref var place = ref PlaceOf(set.Hash);
        Clear(ref place);
        for (var i = 0; Footprint + set.Footprint > most && i < MostLeaving; i++)
            Clear(ref _places[_hand++ & (_places.Length - 1)]);
        if (Footprint + set.Footprint > most)
            return;
        Footprint += set.Footprint;
        Volatile.Write(ref place, set);
    }

    /// <summary>What is stored under that hash is another set from now on.</summary>
    public void Remove(ulong hash)
    {
        ref var place = ref PlaceOf(hash);
        if (place?.Hash == hash)
            Clear(ref place);
    }

    private void Clear(ref VariantSet? place)
    {
        Footprint -= place?.Footprint ?? 0;
        Volatile.Write(ref place, null);
    }

    private ref VariantSet? PlaceOf(ulong hash) => ref _places[(int)hash & (_places.Length - 1)];
}
