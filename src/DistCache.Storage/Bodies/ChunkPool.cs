using System.Numerics;
using System.Runtime.InteropServices;

namespace DistCache.Storage.Bodies;

/// <summary>
/// Native memory for bodies, in power-of-two chunks from 512 B to 64 KiB, counted against one capacity in bytes. The GC never sees it.
/// Use after free here would show one user's bytes to another: see <see cref="PoisonFreedChunks"/>.
/// </summary>
/// <remarks>
/// 1. Memory comes from the system in regions of 1 MiB and is kept; a region is 16 pages of 64 KiB. 2. A page serves chunks of one size,
/// taken from its own free bits. 3. A page whose last chunk came back serves any size again. Chunks from malloc instead cost twice the
/// capacity: each thread's arena keeps what was freed there.
/// </remarks>
public sealed class ChunkPool(long capacity)
{
    public const int Smallest = 512;
    public const int Largest = 64 * 1024;

    private const int PagesOfRegion = 16;
    private const int SlackOfPages = 16;
    private static readonly int Sizes = BitOperations.Log2(Largest / Smallest) + 1;

    private readonly Lock _gate = new();
    private readonly Stack<nint> _free = new();
    private readonly ChunkPage?[] _partial = new ChunkPage?[Sizes];
    private long _used;
    private long _pagesInUse;

    /// <summary>Tests set this: a freed chunk is overwritten first, so that a late reader shows itself.</summary>
    public static bool PoisonFreedChunks { get; set; }

    public long Capacity { get; } = capacity;

    /// <summary>Bytes held now: chunks, and what <see cref="Charge"/> added for keys and fields.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>
    /// Whether that much more stays within the capacity. Pages that hold few chunks count too, beyond a sixteenth of the capacity: else
    /// small chunks left behind in many pages would take more memory than was configured.
    /// </summary>
    public bool HasRoomFor(long bytes) =>
        Used + bytes <= Capacity
        && (Volatile.Read(ref _pagesInUse) * Largest) + bytes <= Capacity + Math.Max(Capacity / SlackOfPages, Sizes * 2 * Largest);

    /// <summary>Never fails for want of capacity: who must stay within it asks <see cref="HasRoomFor"/> first.</summary>
    internal Chunk Rent(int size)
    {
        Interlocked.Add(ref _used, size);
        lock (_gate)
        {
            var page = _partial[IndexOf(size)] ?? Open(size);
            var chunk = page.Take();
            if (page.IsFull)
                page.Unlink(ref _partial[IndexOf(size)]);
            return chunk;
        }
    }

    internal void Return(Chunk chunk)
    {
        if (PoisonFreedChunks)
            chunk.Span.Fill(0xDD);
        Interlocked.Add(ref _used, -chunk.Capacity);
        lock (_gate)
        {
            ref var partial = ref _partial[IndexOf(chunk.Capacity)];
            var page = chunk.Page;
            if (page.IsFull)
                page.Link(ref partial);
            page.Put(chunk);
            if (!page.IsEmpty)
                return;
            page.Unlink(ref partial);
            _free.Push(page.Address);
            _pagesInUse--;
        }
    }

    /// <summary>Counts managed bytes (keys, fields, bookkeeping) against the same capacity; negative gives them back.</summary>
    public void Charge(long bytes) => Interlocked.Add(ref _used, bytes);

    /// <summary>The chunk to take next when <paramref name="remaining"/> bytes are still to come: greedy, so a body wastes at most 511 B.</summary>
    internal static int SizeFor(long remaining) =>
        remaining >= Largest ? Largest
        : remaining <= Smallest ? Smallest
        : 1 << BitOperations.Log2((uint)remaining);

    private static int IndexOf(int size) => BitOperations.Log2((uint)(size / Smallest));

    private ChunkPage Open(int size)
    {
        if (_free.Count == 0)
            AddRegion();
        var page = new ChunkPage(_free.Pop(), size);
        page.Link(ref _partial[IndexOf(size)]);
        _pagesInUse++;
        return page;
    }

    private unsafe void AddRegion()
    {
        // Asked for in one piece this large, it comes from the system and not out of an arena; untouched pages cost nothing.
        var region = (nint)NativeMemory.AlignedAlloc(PagesOfRegion * Largest, 4096);
        for (var page = PagesOfRegion - 1; page >= 0; page--)
            _free.Push(region + (page * Largest));
    }
}
