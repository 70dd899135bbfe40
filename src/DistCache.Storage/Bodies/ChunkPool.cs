using System.Numerics;
using System.Runtime.InteropServices;

namespace DistCache.Storage.Bodies;

/// <summary>
/// Native memory for bodies, in power-of-two chunks from 512 B to 64 KiB, counted against one capacity in bytes.
/// The GC never sees it. Use after free here would show one user's bytes to another: see <see cref="PoisonFreedChunks"/>.
/// </summary>
public sealed unsafe class ChunkPool(long capacity)
{
    public const int Smallest = 512;
    public const int Largest = 64 * 1024;

    /// <summary>Tests set this: a freed chunk is overwritten first, so that a late reader shows itself.</summary>
    public static bool PoisonFreedChunks { get; set; }

    private long _used;

    public long Capacity { get; } = capacity;

    /// <summary>Bytes held now: chunks, and what <see cref="Charge"/> added for keys and fields.</summary>
    public long Used => Volatile.Read(ref _used);

    public bool HasRoomFor(long bytes) => Used + bytes <= Capacity;

    /// <summary>Never fails for want of capacity: who must stay within it asks <see cref="HasRoomFor"/> first.</summary>
    internal Chunk Rent(int capacity)
    {
        Interlocked.Add(ref _used, capacity);
        return new Chunk((byte*)NativeMemory.Alloc((nuint)capacity), capacity);
    }

    internal void Return(Chunk chunk)
    {
        if (PoisonFreedChunks)
            chunk.Span.Fill(0xDD);
        NativeMemory.Free(chunk.Pointer);
        Interlocked.Add(ref _used, -chunk.Capacity);
    }

    /// <summary>Counts managed bytes (keys, fields, bookkeeping) against the same capacity; negative gives them back.</summary>
    public void Charge(long bytes) => Interlocked.Add(ref _used, bytes);

    /// <summary>The chunk to take next when <paramref name="remaining"/> bytes are still to come: greedy, so a body wastes at most 511 B.</summary>
    internal static int SizeFor(long remaining) =>
        remaining >= Largest ? Largest
        : remaining <= Smallest ? Smallest
        : 1 << BitOperations.Log2((uint)remaining);
}

internal readonly unsafe struct Chunk(byte* pointer, int capacity)
{
    public byte* Pointer { get; } = pointer;

    public int Capacity { get; } = capacity;

    /// <summary>Valid only as long as the chunk has not been returned.</summary>
    public Span<byte> Span => new(Pointer, Capacity);
}
