using System.Numerics;
using System.Runtime.InteropServices;
using DistCache.Storage.Memory;

namespace DistCache.Storage.Bodies;

/// <summary>
/// Native memory for bodies and records, in chunks from 64 B to 64 KiB, counted against one capacity in bytes. The GC never sees it.
/// Use after free here would show one user's bytes to another: see <see cref="CheckedMemory"/>.
/// </summary>
/// <remarks>
/// 1. Memory comes from the system in regions of 2 MiB, huge pages where there are such, and is kept; a region is 32 pages of 64 KiB. 2. A page serves chunks of one size,
/// taken from its own free bits. 3. A page whose last chunk came back serves any size again. Chunks from malloc instead cost twice the
/// capacity: each thread's arena keeps what was freed there. 4. Sizes are powers of two, up to 4 KiB also the seven between two of them
/// (64, 72, 80 ... 120, 128, 144 ...), and up to 8 KiB three (of more, no more would fit in a page): what lies in one piece wastes a ninth, or a fifth.
/// </remarks>
public sealed class ChunkPool
{
    public const int Smallest = 64;
    public const int Largest = 64 * 1024;

    private const int PagesOfRegion = NativePages.Huge / Largest;
    private const int SlackOfPages = 16;
    private const long LeastSlack = 4 << 20; // about a page of each size
    private const long MostSlack = 64 << 20;

    /// <summary>Windows of bodies that pass through hold this much before they count: they must not empty the tier, nor be without bound.</summary>
    internal const long FreeForPassing = 64 << 20;

    /// <summary>Up to here there are sizes between two powers of two.</summary>
    private const int Fine = 8192;
    private const int Finest = 4096;
    private const int LogOfSteps = 3;
    private const int Steps = 1 << LogOfSteps; // from one power of two to the next
    private static readonly int FineSizes = Steps * BitOperations.Log2(Fine / Smallest);
    private static readonly int Sizes = FineSizes + BitOperations.Log2(Largest / Fine) + 1;

    private readonly Lock _gate = new();
    private readonly Stack<int> _free = new(); // with memory behind them
    private readonly Stack<int> _untouched = new(); // without, until somebody writes there
    private readonly List<nint> _addresses = []; // of the pages, by number
    private ChunkPage?[] _pages = []; // those in use, by number
    private readonly ChunkPage?[] _partial = new ChunkPage?[Sizes];
    private long _capacity;
    private long _used;
    private long _passing;
    private long _attached;
    private long _pagesInUse;

    public ChunkPool(long capacity) => _capacity = capacity;

    public long Capacity
    {
        get => Volatile.Read(ref _capacity);
        internal set => Volatile.Write(ref _capacity, value);
    }

    /// <summary>Bytes held now: chunks, and what <see cref="Charge"/> added for keys and fields.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>What counts of it against the capacity: bodies that only pass through are none of the tier's, up to <see cref="FreeForPassing"/>.</summary>
    internal long Charged => Used - Excused;

    /// <summary>
    /// Whether that much more stays within the capacity. Pages that hold few chunks count too, beyond a sixteenth of the capacity (4 to 64 MiB): else
    /// small chunks left behind in many pages would take more memory than was configured.
    /// </summary>
    public bool HasRoomFor(long bytes) => ShortageFor(bytes) <= 0;

    /// <summary>Bytes that must leave before that many fit; zero or less: they fit.</summary>
    internal long ShortageFor(long bytes)
    {
        var capacity = Capacity;
        var slack = Math.Clamp(capacity / SlackOfPages, LeastSlack, MostSlack);
        return Math.Max(Charged, (Volatile.Read(ref _pagesInUse) * Largest) - Excused - slack) + bytes - capacity;
    }

    private long Excused => Math.Min(Volatile.Read(ref _passing), FreeForPassing);

    /// <summary>Never fails for want of capacity: who must stay within it asks <see cref="HasRoomFor"/> first.</summary>
    /// <param name="size">One of the sizes: see <see cref="SizeFor"/>, <see cref="CapacityFor"/>.</param>
    internal unsafe Chunk Rent(int size)
    {
        var chunk = size > Largest ? new((nint)NativeMemory.Alloc((nuint)size), -1, size) : RentOfPage(size);
        Interlocked.Add(ref _used, size);
        return chunk;
    }

    private Chunk RentOfPage(int size)
    {
        lock (_gate)
        {
            var page = _partial[IndexOf(size)] ?? Open(size);
            var chunk = page.Take();
            if (page.IsFull)
                page.Unlink(ref _partial[IndexOf(size)]);
            return chunk;
        }
    }

    internal unsafe void Return(Chunk chunk)
    {
        if (CheckedMemory.IsOn)
            chunk.Span.Fill(CheckedMemory.Poison);
        Interlocked.Add(ref _used, -chunk.Capacity);
        if (chunk.Page < 0)
        {
            NativeMemory.Free((void*)chunk.Address);
            return;
        }
        lock (_gate)
        {
            ref var partial = ref _partial[IndexOf(chunk.Capacity)];
            var page = _pages[chunk.Page]!;
            if (page.IsFull)
                page.Link(ref partial);
            page.Put(chunk);
            if (!page.IsEmpty)
                return;
            page.Unlink(ref partial);
            _pages[chunk.Page] = null;
            _free.Push(chunk.Page);
            _pagesInUse--;
        }
    }

    /// <summary>Counts managed bytes (keys, fields, bookkeeping) against the same capacity; negative gives them back.</summary>
    public void Charge(long bytes) => Interlocked.Add(ref _used, bytes);

    /// <summary>Bytes of chunks that are attached to residents; they count for no response.</summary>
    internal long AttachedBytes => Volatile.Read(ref _attached);

    /// <summary>Told of each attachment that goes with its resident: the resident, and the attachment's id.</summary>
    internal Action<Resident, ulong>? Detached { get; set; }

    internal void Attached(long bytes) => Interlocked.Add(ref _attached, bytes);

    /// <summary>That many bytes of the chunks in use only pass through; negative: no longer.</summary>
    internal void Passing(long bytes) => Interlocked.Add(ref _passing, bytes);

    /// <summary>After shrinking: the system gets the memory of free pages back; their addresses stay ours.</summary>
    internal void GiveBackFreePages()
    {
        const int MostAtOnce = 64; // who needs a page meanwhile shall find one
        if (!OperatingSystem.IsLinux())
            return;
        var pages = new List<(int Number, nint Address)>(MostAtOnce);
        while (true)
        {
            lock (_gate)
                while (pages.Count < MostAtOnce && _free.TryPop(out var page))
                    pages.Add((page, _addresses[page]));
            if (pages.Count == 0)
                return;
            foreach (var page in pages)
            {
                NativePages.WantSmall(page.Address & -NativePages.Huge, NativePages.Huge);
                NativePages.Forget(page.Address, Largest);
            }
            lock (_gate)
                foreach (var page in pages)
                    _untouched.Push(page.Number);
            pages.Clear();
        }
    }

    /// <summary>
    /// The chunk to take next when <paramref name="remaining"/> bytes of a body are still to come: one that fits within a sixteenth, else the
    /// largest that will be full.
    /// </summary>
    internal static int SizeFor(long remaining)
    {
        if (remaining > Fine)
            return remaining >= Largest ? Largest : 1 << BitOperations.Log2((uint)remaining);
        var size = CapacityFor((int)remaining);
        return size <= 4 * Smallest || (size - remaining) * 16 <= remaining ? size : SizeBelow(size);
    }

    /// <summary>The smallest chunk that holds so many bytes in one piece.</summary>
    internal static int CapacityFor(int bytes)
    {
        if (bytes <= Smallest)
            return Smallest;
        if (bytes > Fine)
            return bytes > Largest ? bytes : (int)BitOperations.RoundUpToPowerOf2((uint)bytes);
        var step = StepBelow(bytes);
        return (bytes + step - 1) & -step;
    }

    private static int SizeBelow(int size) => size - StepBelow(size);

    private static int StepBelow(int size) => 1 << (BitOperations.Log2((uint)size - 1) - (size > Finest ? LogOfSteps - 1 : LogOfSteps));

    private static int IndexOf(int size)
    {
        var power = BitOperations.Log2((uint)size);
        return size > Fine
            ? FineSizes + BitOperations.Log2((uint)(size / Fine))
            : (Steps * (power - BitOperations.Log2(Smallest))) + ((size >> (power - LogOfSteps)) & (Steps - 1));
    }

    private ChunkPage Open(int size)
    {
        if (_free.Count == 0 && _untouched.Count == 0)
            AddRegion();
        var number = _free.TryPop(out var free) ? free : _untouched.Pop();
        var page = new ChunkPage(number, _addresses[number], size);
        _pages[number] = page;
        page.Link(ref _partial[IndexOf(size)]);
        _pagesInUse++;
        return page;
    }

    private unsafe void AddRegion()
    {
        // Asked for in one piece this large, it comes from the system and not out of an arena; untouched pages cost nothing.
        var region = (nint)NativeMemory.AlignedAlloc(NativePages.Huge, NativePages.Huge);
        NativePages.WantHuge(region, NativePages.Huge);
        var first = _addresses.Count;
        for (var page = 0; page < PagesOfRegion; page++)
            _addresses.Add(region + (page * Largest));
        if (_pages.Length < _addresses.Count)
            Array.Resize(ref _pages, Math.Max(_addresses.Count, 2 * _pages.Length));
        for (var page = PagesOfRegion - 1; page >= 0; page--)
            _untouched.Push(first + page);
    }
}
