namespace DistCache.Storage.Memory;

/// <summary>Who has left the memory tier or was not let in, since the start. Written under the tier's lock, read by anybody.</summary>
public sealed class TierCounts
{
    private long _forRoom;
    private long _dead;
    private long _variants;
    private long _newcomers;
    private long _unasked;
    private long _held;

    /// <summary>Residents that left because others are asked for more.</summary>
    public long EvictedForRoom => Volatile.Read(ref _forRoom);

    /// <summary>Residents that could answer nobody any more.</summary>
    public long EvictedDead => Volatile.Read(ref _dead);

    /// <summary>Variants that were too many for their key.</summary>
    public long EvictedVariants => Volatile.Read(ref _variants);

    /// <summary>Newcomers that left the window again: what they would have pushed out is asked for more.</summary>
    public long RefusedNewcomers => Volatile.Read(ref _newcomers);

    /// <summary>Large bodies that were not taken in, as nobody had asked for them often enough before.</summary>
    public long RefusedLarge => Volatile.Read(ref _unasked);

    /// <summary>Bodies for which there was no room, because readers or fills still hold it.</summary>
    public long RefusedHeld => Volatile.Read(ref _held);

    internal void Leaves(bool isDead, bool isNewcomer) => Count(ref isDead ? ref _dead : ref isNewcomer ? ref _newcomers : ref _forRoom);

    internal void OneVariantTooMany() => Count(ref _variants);

    internal void LargeOneRefused() => Count(ref _unasked);

    internal void NoRoom() => Count(ref _held);

    // One writer at a time: no need to lock the bus.
    private static void Count(ref long what) => Volatile.Write(ref what, what + 1);
}
