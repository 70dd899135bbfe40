using System.Diagnostics;
using System.IO.Hashing;
using DistCache.Storage.Shared;

namespace DistCache.Storage.Bodies;

/// <summary>
/// The chunks of a body that has come whole, in native memory, with a count of the records that have it: what a 304 freshens has the same
/// bytes. To be touched only by who keeps one of those records alive.
/// <code>
///  0  .  Head
///     .  PlaceInSharedTier   where the body is long enough to be in chunks there
///     .  Piece for each chunk
/// </code>
/// </summary>
internal readonly unsafe struct StoredBody(nint address)
{
    /// <summary>From here on a body may lie in the shared tier in chunks of its own.</summary>
    public const int LongEnoughForChunks = 4096;

    private static readonly Lock PlaceGate = new(); // it changes once in a body's life, and is asked for by writers alone

    public nint Address => address;

    public long Length => Own->Length;

    /// <summary>Bytes of memory that it takes, this list included.</summary>
    public long Footprint
    {
        get
        {
            var sum = Memory.Capacity + Own->Counted;
            for (var i = 0; i < Own->Count; i++)
                sum += Pieces[i].Chunk.Capacity;
            return sum;
        }
    }

    /// <summary>More than one record has it.</summary>
    public bool IsShared => Volatile.Read(ref Own->Owners) > 1;

    public BodyPlace? InSharedTier
    {
        get
        {
            if (!HasPlace)
                return null;
            lock (PlaceGate)
                return Place->IsKnown ? new(Length, Place->ChunkSize, Place->Generation, Place->Digest) : null;
        }
        set
        {
            if (!HasPlace)
                return;
            lock (PlaceGate)
                *Place = value is null ? default : new() { IsKnown = true, ChunkSize = value.ChunkSize, Generation = value.Generation, Digest = value.Digest };
        }
    }

    private Head* Own => (Head*)address;

    private Chunk Memory => new(address, Own->Page, ListFootprint(Own->Length, Own->Count));

    private bool HasPlace => Own->Length >= LongEnoughForChunks;

    private PlaceInSharedTier* Place => (PlaceInSharedTier*)(address + sizeof(Head));

    private Piece* Pieces => (Piece*)(address + sizeof(Head) + (HasPlace ? sizeof(PlaceInSharedTier) : 0));

    /// <summary>Bytes of memory that the list of a body of that length takes.</summary>
    public static int ListFootprint(long length, int chunks) => ChunkPool.CapacityFor(SizeOf(length, chunks));

    /// <summary>Takes over the chunks. Its first owner is the caller.</summary>
    /// <param name="counted">Bytes that count although no chunk has them.</param>
    public static StoredBody Make(ChunkPool pool, long length, ReadOnlySpan<Chunk> chunks, long counted)
    {
        var memory = pool.Rent(ListFootprint(length, chunks.Length));
        var body = new StoredBody(memory.Address);
        *body.Own = new() { Page = memory.Page, Owners = 1, Count = chunks.Length, Length = length, Counted = counted };
        if (body.HasPlace)
            *body.Place = default;
        var start = 0L;
        for (var i = 0; i < chunks.Length; i++)
        {
            body.Pieces[i] = new() { Start = start, Chunk = chunks[i] };
            start += chunks[i].Capacity;
        }
        if (CheckedMemory.IsOn)
            body.Own->Checksum = body.Sum();
        return body;
    }

    public void Acquire() => Interlocked.Increment(ref Own->Owners);

    public void Release(ChunkPool pool)
    {
        var left = Interlocked.Decrement(ref Own->Owners);
        Debug.Assert(left >= 0, "a stored body was released more often than acquired");
        if (left != 0)
            return;
        for (var i = 0; i < Own->Count; i++)
            pool.Return(Pieces[i].Chunk);
        pool.Charge(-Own->Counted);
        pool.Return(Memory);
    }

    /// <summary>The bytes from <paramref name="offset"/> on, at most a chunk; empty at the end.</summary>
    public ReadOnlySpan<byte> At(long offset)
    {
        if (offset >= Own->Length || Own->Count == 0)
            return default;
        var piece = Find(offset);
        var skip = offset - piece->Start;
        return new((byte*)piece->Chunk.Address + skip, (int)(Math.Min(Own->Length - piece->Start, piece->Chunk.Capacity) - skip));
    }

    /// <summary>Whether the bytes are those that came.</summary>
    public bool IsIntact() => Own->Counted != 0 || Sum() == Own->Checksum;

    private static int SizeOf(long length, int chunks) =>
        sizeof(Head) + (length >= LongEnoughForChunks ? sizeof(PlaceInSharedTier) : 0) + (chunks * sizeof(Piece));

    private Piece* Find(long offset)
    {
        int low = 0, high = Own->Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (Pieces[middle].Start <= offset)
                low = middle;
            else
                high = middle - 1;
        }
        return Pieces + low;
    }

    private ulong Sum()
    {
        var sum = 0UL;
        for (var offset = 0L; offset < Own->Length && At(offset) is { IsEmpty: false } piece; offset += piece.Length)
            sum = XxHash3.HashToUInt64(piece, (long)sum);
        return sum;
    }

    private struct Head
    {
        public int Page;
        public int Owners;
        public int Count;
        public long Length;
        public long Counted;
        public ulong Checksum;
    }

    private struct PlaceInSharedTier
    {
        public bool IsKnown;
        public int ChunkSize;
        public UInt128 Generation;
        public UInt128 Digest;
    }

    private struct Piece
    {
        public long Start;
        public Chunk Chunk;
    }
}
